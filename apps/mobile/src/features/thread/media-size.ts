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

/** `1.5 MB`, in the units that people know from their phones. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  const exponent = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** exponent;
  return `${exponent === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[exponent]}`;
}

/** `3:07`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
