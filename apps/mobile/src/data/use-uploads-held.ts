import { useSyncExternalStore } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';

/** Whether files wait for a connection that costs nothing extra. */
export function useUploadsHeld(): boolean {
  const messenger = useMessenger();
  const read = () => messenger.uploads.areHeld();
  return useSyncExternalStore(
    (changed) =>
      messenger.subscribe((event) => {
        if (event.type === 'uploads-held') changed();
      }),
    read,
    read,
  );
}
