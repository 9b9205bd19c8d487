/** Characters before the match that stay, so that it is not read without its beginning. */
const CONTEXT = 24;

/** The part of a found text in which the first searched word stands, in one line. */
export function excerptAround(text: string, query: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const word = query.trim().split(/\s+/)[0]?.toLocaleLowerCase() ?? '';
  const at = word === '' ? -1 : line.toLocaleLowerCase().indexOf(word);
  return at > CONTEXT * 2 ? `…${line.slice(at - CONTEXT)}` : line;
}
