import { StyleSheet, View, type ViewStyle } from 'react-native';
import { useTextScale } from '../../platform/text-scale.ts';
import { formatClock } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { type Tick, type TickGround, Ticks, ticksWidth } from '../../ui/ticks.tsx';
import type { Palette } from '../../ui/tokens.ts';

export interface BubbleMetaProps {
  at: number;
  tick: Tick | null;
  isEdited: boolean;
  color: keyof Palette;
  ground: TickGround;
  /** Where it stands. */
  style?: ViewStyle;
}

const TICK_SIZE = 15;
/** Advance of a digit or letter at 11 points in the widest system font we meet, with a little over. */
const CHARACTER_WIDTH = 6.3;
const GAP = 4;

/** Time and ticks at the end of a bubble. */
export function BubbleMeta({ at, tick, isEdited, color, ground, style }: BubbleMetaProps) {
  const scale = useTextScale();
  return (
    <View style={[styles.meta, style]}>
      <Text size="tiny" color={color} style={styles.time} testID="message-time">
        {metaText(at, isEdited)}
      </Text>
      {tick ? <Ticks tick={tick} ground={ground} size={TICK_SIZE * scale} /> : null}
    </View>
  );
}

/** Points the text keeps free in its last line, so that time and ticks stand in it when both fit. */
export function metaRoom({ at, tick, isEdited, scale }: Pick<BubbleMetaProps, 'at' | 'tick' | 'isEdited'> & { scale: number }): { width: number; height: number } {
  const words = metaText(at, isEdited).length * CHARACTER_WIDTH * scale;
  return { width: Math.ceil(words + (tick ? ticksWidth(tick, TICK_SIZE * scale) + GAP : 0) + GAP * 2), height: TICK_SIZE * scale };
}

function metaText(at: number, isEdited: boolean): string {
  return isEdited ? `edited ${formatClock(at)}` : formatClock(at);
}

const styles = StyleSheet.create({
  meta: { flexDirection: 'row', alignItems: 'center', gap: GAP },
  time: { fontVariant: ['tabular-nums'] },
});
