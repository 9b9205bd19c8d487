import 'expo-router/entry';
// Here and not in a screen: the system may start the app for a push, and then no screen is loaded.
import './platform/read-elsewhere.ts';
