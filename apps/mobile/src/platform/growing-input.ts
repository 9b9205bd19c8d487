import type { RefObject } from 'react';
import type { TextInput } from 'react-native';

/** A multiline input of a phone grows by itself, up to its `maxHeight`. */
export function useGrowingInput(_input: RefObject<TextInput | null>, _text: string): void {}
