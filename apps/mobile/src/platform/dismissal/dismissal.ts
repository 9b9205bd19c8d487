import { BackHandler } from 'react-native';

/** Asks what lies over a screen to go: the back button or gesture of Android. Modals are told by themselves. */
export function subscribeToDismissal(onAsked: () => void, _isPart = false): () => void {
  const subscription = BackHandler.addEventListener('hardwareBackPress', () => {
    onAsked();
    return true;
  });
  return () => subscription.remove();
}
