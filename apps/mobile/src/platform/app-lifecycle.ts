import { AppState } from 'react-native';

/** Tells when the app comes to the foreground (`true`) and leaves it. */
export function subscribeToForeground(listener: (isActive: boolean) => void): () => void {
  const subscription = AppState.addEventListener('change', (state) => listener(state === 'active'));
  return () => subscription.remove();
}

/** Whether the person can be looking at the app now. */
export function isBeingWatched(): boolean {
  return AppState.currentState === 'active';
}

export function subscribeToWatching(listener: () => void): () => void {
  return subscribeToForeground(listener);
}
