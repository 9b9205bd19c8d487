/** The header that says whether a blob is shown or saved, and under which name (RFC 6266). */
export function contentDisposition(downloadAs: string | null): string {
  if (downloadAs === null) return 'inline';
  const ascii = downloadAs.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(downloadAs.toWellFormed()).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
