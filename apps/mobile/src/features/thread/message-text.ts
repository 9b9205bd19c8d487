export type TextSegment = { type: 'words'; text: string } | { type: 'link'; text: string; href: string };

const URL_PATTERN = /\b(?:https?:\/\/|www\.)[^\s<>"]+/giu;
/** Punctuation that ends the sentence, not the address. */
const TRAILING = /[.,!?;:'"…]+$/u;

/** The text cut at its web addresses. Joined again the segments are the text. */
export function segmentsOf(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let end = 0;
  for (const match of text.matchAll(URL_PATTERN)) {
    const address = withoutTrailing(match[0]);
    const href = address.startsWith('http') || address.startsWith('HTTP') ? address : `https://${address}`;
    if (!URL.canParse(href)) continue;
    if (match.index > end) segments.push({ type: 'words', text: text.slice(end, match.index) });
    segments.push({ type: 'link', text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) segments.push({ type: 'words', text: text.slice(end) });
  return segments;
}

function withoutTrailing(address: string): string {
  const trimmed = address.replace(TRAILING, '');
  // A closing bracket belongs to the address only if it was opened in it.
  if (!trimmed.endsWith(')') || count(trimmed, '(') >= count(trimmed, ')')) return trimmed;
  return withoutTrailing(trimmed.slice(0, -1));
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Past this many the emoji are text again. */
const MOST_LARGE_EMOJI = 5;
/** One emoji: a flag of two letters, a keycap, or a picture with its skin tones, variation selectors and joined pictures. */
const EMOJI = /(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?(?:\u200D\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?)*)/gu;

/** Whether the message is nothing but a few emoji, which then show large and without a bubble. */
export function isEmojiOnly(text: string): boolean {
  const trimmed = text.trim();
  // The longest emoji (a family, four people joined) is 11 code units: this bounds what the pattern sees.
  if (trimmed.length === 0 || trimmed.length > MOST_LARGE_EMOJI * 16) return false;
  const emoji = trimmed.match(EMOJI) ?? [];
  return emoji.length > 0 && emoji.length <= MOST_LARGE_EMOJI && trimmed.replace(EMOJI, '').trim() === '';
}

const LETTER = /\p{L}/u;
/** Hebrew, Arabic and their neighbours, with the forms kept for old encodings; then N'Ko to Adlam beyond the first plane. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Whether the text reads from right to left: its first letter decides, as it does for the platform that lays it out. */
export function isRightToLeft(text: string): boolean {
  const first = LETTER.exec(text)?.[0];
  return first !== undefined && RIGHT_TO_LEFT.test(first);
}
