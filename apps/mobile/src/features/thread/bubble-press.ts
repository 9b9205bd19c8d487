import { createContext, useContext } from 'react';
import type { GestureResponderEvent, PressableProps } from 'react-native';

type LongPress = Pick<PressableProps, 'onLongPress' | 'delayLongPress'>;

/** What a long press does on a bubble; `null` where a pointer has its own way to the menu. */
export const BubblePress = createContext<((event: GestureResponderEvent) => void) | null>(null);

/** For what is pressed inside of a bubble: it would keep a long press to itself. */
export function useLongPress(): LongPress {
  const open = useContext(BubblePress);
  return open === null ? NOTHING : { onLongPress: open, delayLongPress: LONG_PRESS_MS };
}

/** Sooner than the platform's half second: a bubble has no other gesture it could be taken for. */
export const LONG_PRESS_MS = 320;
const NOTHING: LongPress = {};
