import { useWindowDimensions, View } from 'react-native';
import { formatClock } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { type Tick, Ticks, ticksWidth } from '../../ui/ticks.tsx';
import type { Palette } from '../../ui/tokens.ts';

export interface BubbleMetaProps {
  at: number;
  tick: Tick | null;
  isEdited: boolean;
  color: keyof Palette;
  readColor: keyof Palette;
}

const TICK_SIZE = 14;
/** Advance of a digit or letter at 11 points in the widest system font we meet, with a little over. */
const CHARACTER_WIDTH = 6.3;
const GAP = 4;

/** Time and ticks at the end of a bubble. */
export function BubbleMeta({ at, tick, isEdited, color, readColor }: BubbleMetaProps) {
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: GAP }}>
      <Text size="tiny" color={color} style={{ fontVariant: ['tabular-nums'] }} testID="message-time">
        {metaText(at, isEdited)}
      </Text>
      {tick ? <Ticks tick={tick} color={color} readColor={readColor} failedColor={color} size={TICK_SIZE} /> : null}
    </View>
  );
}

/** Room the text keeps free in its last line, so that the time stands in it when both fit. */
export function useMetaWidth({ at, tick, isEdited }: Pick<BubbleMetaProps, 'at' | 'tick' | 'isEdited'>): number {
  const { fontScale } = useWindowDimensions();
  const words = metaText(at, isEdited).length * CHARACTER_WIDTH * Math.max(1, fontScale);
  return Math.ceil(words + (tick ? ticksWidth(tick, TICK_SIZE) + GAP : 0) + GAP * 2);
}

function metaText(at: number, isEdited: boolean): string {
  return isEdited ? `edited ${formatClock(at)}` : formatClock(at);
}
