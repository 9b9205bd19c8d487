import { useWindowDimensions } from 'react-native';

/** By what the sizes of type in styles are multiplied: phones enlarge every text by themselves. */
export const TYPE_FACTOR = 1;

/** How much larger than drawn the reader wants text: for rooms that are measured by it. Never under 1. */
export function useTextScale(): number {
  return Math.max(1, useWindowDimensions().fontScale);
}
