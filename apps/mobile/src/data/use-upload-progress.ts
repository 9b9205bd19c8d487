import { useEffect, useState } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';

/** Of one file on its way out, from 0 to 1; `null` before anything is known. Renders nothing but who asks. */
export function useUploadProgress(fileId: string): number | null {
  const messenger = useMessenger();
  const [progress, setProgress] = useState<number | null>(null);
  useEffect(
    () =>
      messenger.subscribe((event) => {
        if (event.type === 'upload-progress' && event.fileId === fileId) setProgress(event.totalBytes === 0 ? 1 : event.sentBytes / event.totalBytes);
      }),
    [messenger, fileId],
  );
  return progress;
}
