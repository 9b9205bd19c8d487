/** What browsers begin with, and what the sizes of type are drawn for. */
const USUAL_FONT_SIZE = 16;

/** By what the sizes of type in styles are multiplied: sizes in pixels do not follow the reader's font size by themselves. */
export const TYPE_FACTOR = Math.max(1, Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_FONT_SIZE || 1);

/** How much larger than drawn the reader wants text: for rooms that are measured by it. Never under 1. */
export function useTextScale(): number {
  return TYPE_FACTOR;
}
