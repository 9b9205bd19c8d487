import type { OutgoingFile } from '@couplet/client';
import { useCallback, useEffect, useState } from 'react';
import { shrinkPicture } from '../../platform/pictures/edit-picture.ts';
import type { PhotoQuality } from '../../state/ui-slice.ts';

export interface OutgoingFiles {
  /** As it will be sent; `null` while it is being made. */
  outgoing: (file: OutgoingFile) => OutgoingFile | null;
  /** All of them, once they are made. */
  settle: () => Promise<OutgoingFile[]>;
}

/** The chosen files as they will be sent. Pictures are made smaller while the person still looks at them. */
export function useOutgoingFiles(files: readonly OutgoingFile[], quality: PhotoQuality): OutgoingFiles {
  const [press] = useState(createPicturePress);
  const [made, setMade] = useState<{ quality: PhotoQuality; files: ReadonlyMap<OutgoingFile, OutgoingFile> }>({ quality, files: new Map() });
  useEffect(() => {
    let isCurrent = true;
    for (const file of files) {
      void press(file, quality).then((outgoing) => {
        if (isCurrent) setMade((before) => ({ quality, files: new Map(before.quality === quality ? before.files : []).set(file, outgoing) }));
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [press, files, quality]);
  return {
    outgoing: (file) => (made.quality === quality ? (made.files.get(file) ?? null) : null),
    settle: useCallback(() => Promise.all(files.map((file) => press(file, quality))), [press, files, quality]),
  };
}

/** One picture at a time: a bitmap of twelve megapixels takes 48 MB. Each is made once per quality. */
function createPicturePress(): (file: OutgoingFile, quality: PhotoQuality) => Promise<OutgoingFile> {
  const made = { standard: new Map<OutgoingFile, Promise<OutgoingFile>>(), original: new Map<OutgoingFile, Promise<OutgoingFile>>() };
  let last: Promise<unknown> = Promise.resolve();
  return (file, quality) => {
    const known = made[quality].get(file);
    if (known !== undefined) return known;
    // What cannot be made smaller is sent as it is.
    const making = last.then(() => shrinkPicture(file, quality)).catch(() => file);
    last = making;
    made[quality].set(file, making);
    return making;
  };
}
