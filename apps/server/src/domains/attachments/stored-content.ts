import type { Attachment, AttachmentId, AttachmentType } from '@couplet/protocol';
import type { BlobLinks } from '../../blobs/blob-links.ts';

/** What an upload turned out to be, as its row and then its message keep it. */
export interface StoredAttachment {
  id: AttachmentId;
  type: AttachmentType;
  mime: string;
  name: string;
  sizeBytes: number;
  width?: number;
  height?: number;
  durationMs?: number;
  placeholder?: string;
  keys: { full: string; preview?: string; thumbnail?: string };
}

/** What an uploaded photo of a person turned out to be. */
export interface StoredAvatar {
  type: 'avatar';
  keys: { small: string; large: string };
}

export type StoredContent = StoredAttachment | StoredAvatar;

/** Gives attachments their URLs, at the moment somebody who may see them asks. */
export interface AttachmentLinks {
  view(stored: StoredAttachment): Attachment;
}

export function createAttachmentLinks(needs: { links: BlobLinks; cdnUrl: string | undefined; now: () => number }): AttachmentLinks {
  const { links, cdnUrl, now } = needs;
  return {
    view({ keys, ...attachment }) {
      // On the hour: for an hour everybody gets the same URL, and a browser's cache knows it again.
      const expiresAt = (Math.floor(now() / HOUR_MS) + LIFE_HOURS) * HOUR_MS;
      const downloadAs = attachment.type === 'file' ? attachment.name : null;
      const contentType = attachment.type === 'file' ? servedType(attachment.mime) : attachment.mime;
      // Of a video they are pictures all the same.
      const smallType = attachment.type === 'video' ? 'image/jpeg' : contentType;
      const url = (key: string, shownAs = contentType) =>
        cdnUrl === undefined ? links.link({ type: 'get', key, expiresAt, contentType: shownAs, downloadAs }) : `${cdnUrl}/${key}`;
      return {
        ...attachment,
        url: url(keys.full),
        ...(keys.preview === undefined ? {} : { previewUrl: url(keys.preview, smallType) }),
        ...(keys.thumbnail === undefined ? {} : { thumbnailUrl: url(keys.thumbnail, smallType) }),
        ...(cdnUrl === undefined ? { urlsExpireAt: new Date(expiresAt).toISOString() } : {}),
      };
    },
  };
}

const HOUR_MS = 60 * 60 * 1_000;
/** Between one and two hours: long enough to look through a thread, short enough to be worthless when it leaks. */
const LIFE_HOURS = 2;

/** What a browser could run as a page, or draw with scripts in it. */
const RUNNABLE = /html|xml|script/;

/** A file is served as what it is, unless a browser would do more with that than save it. */
function servedType(mime: string): string {
  return RUNNABLE.test(mime) ? 'application/octet-stream' : mime;
}
