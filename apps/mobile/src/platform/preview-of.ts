/** A picked file, to be shown before it is sent. */
export function previewOf(source: unknown): { url: string; release: () => void } | null {
  return typeof source === 'string' ? { url: source, release: () => undefined } : null;
}
