// Browsers have a service worker for what `read-elsewhere.ts` does.
import 'expo-router/entry';
