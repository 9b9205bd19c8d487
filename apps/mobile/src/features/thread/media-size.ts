/** What a bubble gives one picture at most, and at least: a stripe can still be tapped. */
export const MEDIA_WIDTH = 280;
const HIGHEST = 340;
const SMALLEST = 90;

/** How large a single picture stands in its bubble, known before it is loaded. */
export function mediaSize(width: number | undefined, height: number | undefined): { width: number; height: number } {
  if (!width || !height) return { width: MEDIA_WIDTH, height: Math.round(MEDIA_WIDTH * 0.75) };
  const scale = Math.min(MEDIA_WIDTH / width, HIGHEST / height, 1);
  return { width: Math.max(SMALLEST, Math.round(width * scale)), height: Math.max(SMALLEST, Math.round(height * scale)) };
}

/** Of the squares of an album, two in a row. */
export const ALBUM_TILE = 138;
