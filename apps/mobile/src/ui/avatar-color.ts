/** Each holds white initials at AA contrast (≥ 4.5:1) and sits well on light and dark. */
const AVATAR_COLORS = ['#B4533C', '#3E6B5C', '#5B5A9B', '#A1446E', '#836226', '#3A6E90', '#7A5B47', '#4B7545', '#6A4B8C', '#8C4A4A', '#2F7173', '#70558A'] as const;

/** The same person has the same colour on every device: it is a function of the user id alone. */
export function avatarColor(userId: string): string {
  let hash = 0;
  for (const character of userId) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return AVATAR_COLORS[hash % AVATAR_COLORS.length] ?? AVATAR_COLORS[0];
}

/** First letters of the first and last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word.length > 0);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  // By code point: a letter outside the basic plane must not be cut in half.
  return ends.map((word) => Array.from(word ?? '')[0] ?? '').join('').toLocaleUpperCase() || '?';
}
