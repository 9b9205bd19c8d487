/** The browser saves what the server sends as a download, and shows a picture in a page of its own. */
export async function saveFile(url: string, name: string): Promise<void> {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
}
