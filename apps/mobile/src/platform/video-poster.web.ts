import { POSTER_CHARACTERS, POSTER_SIDE } from './poster-size.ts';

/** The first picture of a video as a small JPEG in base64; `null` where this browser cannot show it. */
export async function posterOf(source: unknown): Promise<string | null> {
  if (!(source instanceof Blob)) return null;
  const url = URL.createObjectURL(source);
  const video = document.createElement('video');
  try {
    const isThere = new Promise<boolean>((resolve) => {
      video.onseeked = () => resolve(true);
      video.onerror = () => resolve(false);
      // A file that is not all there, or a codec that never says so.
      setTimeout(() => resolve(false), PATIENCE_MS);
    });
    // The very first one is often black.
    video.onloadeddata = () => (video.currentTime = Math.min(FIRST_SECONDS, (Number.isFinite(video.duration) ? video.duration : 1) / 2));
    video.muted = true;
    video.preload = 'auto';
    video.src = url;
    return (await isThere) ? drawn(video) : null;
  } finally {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

function drawn(video: HTMLVideoElement): string | null {
  const scale = Math.min(1, POSTER_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
  canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const poster = canvas.toDataURL('image/jpeg', quality).split(',')[1] ?? '';
    if (poster !== '' && poster.length <= POSTER_CHARACTERS) return poster;
  }
  return null;
}

const FIRST_SECONDS = 0.1;
const PATIENCE_MS = 5_000;
/** Tried one after the other until it is small enough to go along with the announcement. */
const QUALITIES = [0.75, 0.5, 0.25];
