import type { NewUpload } from '@couplet/protocol';

/** Bytes, per kind of upload. */
export interface UploadLimits {
  image: number;
  video: number;
  file: number;
  avatar: number;
  /** Of everything one person has stored. */
  quota: number;
}

/** What an upload is held to, by what its sender declared. */
export type UploadClass = 'image' | 'video' | 'file' | 'avatar';

export function uploadClass({ kind, contentType }: Pick<NewUpload, 'kind' | 'contentType'>): UploadClass {
  if (kind === 'avatar') return 'avatar';
  if (contentType.startsWith('video/')) return 'video';
  // A drawing of instructions is a document, not a picture.
  return contentType.startsWith('image/') && contentType !== 'image/svg+xml' ? 'image' : 'file';
}

/** Pictures that are opened; of anything else nothing but its name is shown. */
const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/apng']);
/** Videos that a browser or a phone can be asked to play. */
const VIDEOS: ReadonlySet<string> = new Set(['video/mp4', 'video/quicktime', 'video/webm', 'video/x-m4v', 'video/3gpp', 'video/x-matroska', 'video/matroska']);
export function isPicture(mime: string | undefined): boolean {
  return mime !== undefined && PICTURES.has(mime);
}

export function isVideo(mime: string | undefined): boolean {
  return mime !== undefined && VIDEOS.has(mime);
}
