import { type RefObject, useLayoutEffect } from 'react';
import type { TextInput } from 'react-native';

/** Makes the text area as high as what is in it, up to its `max-height`: before the frame is painted. */
export function useGrowingInput(input: RefObject<TextInput | null>, text: string): void {
  useLayoutEffect(() => {
    const area = input.current as unknown as HTMLTextAreaElement | null;
    if (!area) return;
    // Its own height without words is one line: nothing to measure in the frame in which it is emptied.
    if (text === '') {
      area.style.height = '';
      return;
    }
    // From nothing, so that it also shrinks.
    area.style.height = '0';
    area.style.height = `${area.scrollHeight}px`;
  }, [input, text]);
}
