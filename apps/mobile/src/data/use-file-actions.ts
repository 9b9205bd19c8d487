import type { Attachment } from '@couplet/protocol';
import { useCallback, useState, useSyncExternalStore } from 'react';
import { canShareFiles, type DownloadedFile, SAVES_FILES, saveFromLink } from '../platform/download-file.ts';
import { UnreadableLinkError } from '../platform/media-cache/media-shelf.ts';
import { deviceDownloads } from './device-downloads.ts';
import type { DownloadState } from './file-downloads.ts';
import { useAttachmentLinks } from './use-attachment-links.ts';

export interface FileActions {
  state: DownloadState;
  /** Into the person's own folder; `null` where sharing does that. */
  save: (() => void) | null;
  share: (() => void) | null;
  /** It is here by now, but the platform asks nobody so long after the press: the next one shares it. */
  sharesNext: boolean;
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
  const [sharesNext, setSharesNext] = useState(false);
  const bringTo = (use: (file: DownloadedFile) => void) => {
    deviceDownloads
      .bring(current)
      .then(use)
      .catch((error: unknown) => {
        // The browser itself is let through. What failed otherwise says so where it stands.
        if (error instanceof UnreadableLinkError && SAVES_FILES) saveFromLink(url, name);
      });
  };
  const save = SAVES_FILES ? () => bringTo((file) => file.save?.()) : null;
  const shareHere = (file: DownloadedFile) => {
    setSharesNext(false);
    // What this device does not share it saves.
    if (file.share === null) return file.save?.();
    file.share().catch((error: unknown) => setSharesNext(error instanceof Error && error.name === 'NotAllowedError'));
  };
  const share = canShareFiles() ? () => bringTo(shareHere) : null;
  const press = () => {
    if (state.status === 'loading') deviceDownloads.cancel(id);
    else if (state.status === 'here') (state.file.open ?? state.file.save)?.();
    else if (save) save();
    else bringTo((file) => file.open?.());
  };
  return { state, save, share, sharesNext, press };
}
