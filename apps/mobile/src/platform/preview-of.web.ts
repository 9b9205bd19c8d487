/** A picked file, to be shown before it is sent. */
export function previewOf(source: unknown): { url: string; release: () => void } | null {
  if (!(source instanceof Blob)) return null;
  const url = URL.createObjectURL(source);
  return { url, release: () => URL.revokeObjectURL(url) };
}
