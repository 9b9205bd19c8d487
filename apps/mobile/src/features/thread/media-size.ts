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

/** Alone in its bubble, or in an album: of two in a row a square, and the last of an odd number as wide as both. */
export type TileShape = 'alone' | 'square' | 'wide';

export function tileShape(index: number, count: number): TileShape {
  if (count === 1) return 'alone';
  return index === count - 1 && count % 2 === 1 ? 'wide' : 'square';
}

/** What a tile takes: as wide as the words under it where it is alone, as high as was announced. */
export function tileFrame(shape: TileShape, width: number | undefined, height: number | undefined): { width: number; height: number; flexGrow: 1 } {
  return { ...(shape === 'alone' ? mediaSize(width, height) : { width: ALBUM_TILE, height: ALBUM_TILE }), flexGrow: 1 };
}

/** At least: two fit into a bubble of a phone 360 points wide. They grow with their bubble. */
const ALBUM_TILE = 134;
export const ALBUM_GAP = 3;
