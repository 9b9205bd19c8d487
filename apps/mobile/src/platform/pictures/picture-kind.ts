/** How a picture that is made smaller has to come out. */
export interface ShrinkPlan {
  mime: 'image/jpeg' | 'image/png' | 'image/webp';
  width: number;
  height: number;
}

export interface PictureFacts {
  mime: string;
  sizeBytes: number;
  /** As it is shown, the camera's orientation applied. */
  width: number;
  height: number;
  /** The first bytes of the file, at least `HEAD_BYTES` of them if it has so many. */
  head: Uint8Array;
}

/** Enough to find what says that a picture moves: it stands before the first frame. */
export const HEAD_BYTES = 64 * 1024;
/** The longer side: sharp on any phone, and zoomed in once on most screens. */
const STANDARD_SIDE = 2_048;
/** Under it there is nothing worth saving. */
const SMALL_BYTES = 700 * 1024;
/** Nobody tells it from the camera's own on a screen. */
export const STANDARD_QUALITY = 0.82;

/**
 * What is sent in place of the picture; `null` when it stays as it is: because
 * the person wants the original, it is small, or it moves. Never larger than it
 * was. What no server shows as a picture is always written anew.
 */
export function planShrink({ mime, sizeBytes, width, height, head }: PictureFacts, quality: 'standard' | 'original'): ShrinkPlan | null {
  if (isAnimated(mime, head)) return null;
  const isForeign = FOREIGN.has(mime);
  if (!isForeign && !SHRINKABLE.has(mime)) return null;
  const scale = quality === 'original' ? 1 : Math.min(1, STANDARD_SIDE / Math.max(width, height));
  const isLight = scale === 1 && (quality === 'original' || sizeBytes <= SMALL_BYTES);
  if (isLight && !isForeign) return null;
  return {
    mime: mime === 'image/png' || mime === 'image/webp' ? mime : 'image/jpeg',
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

const SHRINKABLE: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif']);
/** Shown by some devices, and by no server. */
const FOREIGN: ReadonlySet<string> = new Set(['image/heic', 'image/heif', 'image/bmp', 'image/tiff']);

/** Whether its quality is worth asking for, as far as can be told without its bytes. */
export function mayShrink({ mime, sizeBytes, width, height }: { mime: string; sizeBytes: number; width?: number; height?: number }): boolean {
  if (width === undefined || height === undefined || FOREIGN.has(mime)) return false;
  return planShrink({ mime, sizeBytes, width, height, head: NO_BYTES }, 'standard') !== null;
}

const NO_BYTES = new Uint8Array();

/** Whether it has more than one frame, as its own header says. */
export function isAnimated(mime: string, head: Uint8Array): boolean {
  switch (mime) {
    case 'image/gif':
      return true;
    case 'image/apng':
      return true;
    case 'image/png':
      // A PNG that moves says so in a chunk before its pixels.
      return includes(head, 'acTL');
    case 'image/webp':
      // The extended header's second flag: RIFF (4) size (4) WEBP (4) VP8X (4) size (4) flags.
      return textAt(head, 12) === 'VP8X' && ((head[20] ?? 0) & 0b10) !== 0;
    case 'image/avif':
      return textAt(head, 8) === 'avis';
    default:
      return false;
  }
}

/** The name under which a picture that was written anew is kept. */
export function renamed(name: string, mime: ShrinkPlan['mime']): string {
  const ending = `.${mime.slice('image/'.length).replace('jpeg', 'jpg')}`;
  const known = mime === 'image/jpeg' ? /\.jpe?g$/i : new RegExp(`\\${ending}$`, 'i');
  return known.test(name) ? name : name.replace(/\.\w{2,5}$/, '') + ending;
}

function textAt(bytes: Uint8Array, start: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + 4));
}

function includes(bytes: Uint8Array, word: string): boolean {
  const codes = [...word].map((letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0] ?? 0); at !== -1; at = bytes.indexOf(codes[0] ?? 0, at + 1)) {
    if (codes.every((code, index) => bytes[at + index] === code)) return true;
  }
  return false;
}
