import type { Attachment } from '@couplet/protocol';
import { useCallback, useSyncExternalStore } from 'react';
import { canShareFiles, type DownloadedFile, SAVES_FILES, saveFromLink } from '../platform/download-file.ts';
import { deviceDownloads } from './device-downloads.ts';
import type { DownloadState } from './file-downloads.ts';
import { useAttachmentLinks } from './use-attachment-links.ts';

export interface FileActions {
  state: DownloadState;
  /** Into the person's own folder; `null` where sharing does that. */
  save: (() => void) | null;
  share: (() => void) | null;
  /** What a press on it does: bring it here, open it, or stop bringing it. */
  press: () => void;
}

/** What can be done with the file of an attachment on this device. */
export function useFileActions(attachment: Attachment): FileActions {
  const current = useAttachmentLinks(attachment);
  const { id, url, name } = current;
  const state = useSyncExternalStore(
    useCallback((changed: () => void) => deviceDownloads.subscribe(id, changed), [id]),
    () => deviceDownloads.stateOf(id),
    () => deviceDownloads.stateOf(id),
  );
  const bringTo = (use: (file: DownloadedFile) => void | Promise<void>) => {
    deviceDownloads
      .bring(current)
      .then(use)
      .catch((error: unknown) => {
        // A bucket that lets pages show its files but not read them.
        if (error instanceof TypeError && SAVES_FILES) saveFromLink(url, name);
      });
  };
  const save = SAVES_FILES ? () => bringTo((file) => file.save?.()) : null;
  const share = canShareFiles() ? () => bringTo((file) => file.share?.()) : null;
  const press = () => {
    if (state.status === 'loading') deviceDownloads.cancel(id);
    else if (state.status === 'here') (state.file.open ?? state.file.save)?.();
    else if (save) save();
    else bringTo((file) => file.open?.());
  };
  return { state, save, share, press };
}
