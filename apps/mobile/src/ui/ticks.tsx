import { memo } from 'react';
import { View, type ViewStyle } from 'react-native';
import { madeStyles } from './made-styles.ts';
import { createStyles, useTheme } from './theme.tsx';

/** `writing`: the device is taking it down, and promises nothing yet. From `pending` on it outlives the app. */
export type Tick = 'writing' | 'pending' | 'sent' | 'delivered' | 'read' | 'failed';

/** What lies behind: the app's surfaces, or a bubble of one's own. */
export type TickGround = 'surface' | 'bubble';

const LABELS: Record<Tick, string> = {
  writing: 'Being written down',
  pending: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

/** Points of the drawing: the height of a mark of size 16. */
const GRID = 16;
const WIDTHS: Record<Tick, number> = { writing: 14, pending: 14, sent: 14, delivered: 20, read: 20, failed: 14 };

/** Width the ticks take at the given size: a bubble keeps that much of its last line free. */
export function ticksWidth(tick: Tick, size: number): number {
  return Math.round((WIDTHS[tick] * size) / GRID);
}

type Point = readonly [x: number, y: number];

const CHECK: readonly Point[] = [[1.6, 8.6], [5, 12], [11.6, 4.4]];
/** The second of two: its short arm begins where it leaves the first one a gap. */
const SECOND_CHECK: readonly Point[] = [[9.3, 9.9], [11.4, 12], [18, 4.4]];
/** What was read is also drawn stronger: the colour alone does not tell it from what was delivered. */
const WEIGHTS: Record<'sent' | 'delivered' | 'read', number> = { sent: 1.4, delivered: 1.4, read: 1.9 };

/** How far a message of one's own has come. */
export const Ticks = memo(function Ticks({ tick, ground, size = 16 }: { tick: Tick; ground: TickGround; size?: number }) {
  return (
    <View role="img" aria-label={LABELS[tick]} testID={`tick-${tick}`} style={boxStyle({ tick, size })}>
      <TickShape tick={tick} ground={ground} unit={size / GRID} />
    </View>
  );
});

const boxStyle = madeStyles<{ tick: Tick; size: number }, ViewStyle>(
  ({ tick, size }) => `${WIDTHS[tick]} ${size}`,
  ({ tick, size }) => ({ width: ticksWidth(tick, size), height: size, direction: 'ltr' }),
);

function TickShape({ tick, ground, unit }: { tick: Tick; ground: TickGround; unit: number }) {
  const { colors } = useTheme();
  const faint = ground === 'bubble' ? colors.bubbleMineTick : colors.textSecondary;
  switch (tick) {
    case 'writing':
      // The clock's room: nothing moves when it comes.
      return null;
    case 'pending':
      return <Clock color={faint} unit={unit} />;
    case 'failed':
      return <Alarm ground={ground} unit={unit} />;
    case 'sent':
      return <Check points={CHECK} weight={WEIGHTS[tick]} color={faint} unit={unit} />;
    case 'delivered':
    case 'read': {
      const color = tick === 'delivered' ? faint : ground === 'bubble' ? colors.readTick : colors.accent;
      return (
        <>
          <Check points={CHECK} weight={WEIGHTS[tick]} color={color} unit={unit} />
          <Check points={SECOND_CHECK} weight={WEIGHTS[tick]} color={color} unit={unit} />
        </>
      );
    }
  }
}

function Check({ points, ...stroke }: { points: readonly Point[]; weight: number; color: string; unit: number }) {
  return points.slice(1).map((to, index) => <Stroke key={index} from={points[index] ?? to} to={to} {...stroke} />);
}

/** A line with round ends: a thin rounded box, turned. */
function Stroke(stroke: StrokeProps) {
  return <View style={strokeStyle(stroke)} />;
}

interface StrokeProps {
  from: Point;
  to: Point;
  weight: number;
  color: string;
  unit: number;
}

const strokeStyle = madeStyles<StrokeProps, ViewStyle>(
  ({ from, to, weight, color, unit }) => [...from, ...to, weight, color, unit].join(' '),
  ({ from, to, weight, color, unit }) => {
    const [across, down] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(across, down) + weight;
    return {
      position: 'absolute',
      left: ((from[0] + to[0] - length) / 2) * unit,
      top: ((from[1] + to[1] - weight) / 2) * unit,
      width: length * unit,
      height: weight * unit,
      borderRadius: (weight * unit) / 2,
      backgroundColor: color,
      transform: [{ rotate: `${Math.atan2(down, across)}rad` }],
    };
  },
);

const CLOCK = { left: 1, top: 2.5, across: 11 };

function Clock({ color, unit }: { color: string; unit: number }) {
  const hand = { weight: 1.4, color, unit };
  const [x, y] = [CLOCK.left + CLOCK.across / 2, CLOCK.top + CLOCK.across / 2];
  return (
    <>
      <View
        style={{
          position: 'absolute',
          left: CLOCK.left * unit,
          top: CLOCK.top * unit,
          width: CLOCK.across * unit,
          height: CLOCK.across * unit,
          borderRadius: CLOCK.across * unit,
          borderWidth: 1.4 * unit,
          borderColor: color,
        }}
      />
      <Stroke from={[x, y]} to={[x, y - 2.6]} {...hand} />
      <Stroke from={[x, y]} to={[x + 2, y]} {...hand} />
    </>
  );
}

const DISC = { left: 0.5, top: 1.5, across: 13 };

/** Red where red is seen; on a bubble of one's own a light disc with a red mark. */
function Alarm({ ground, unit }: { ground: TickGround; unit: number }) {
  const styles = useStyles();
  const { colors } = useTheme();
  const isOnBubble = ground === 'bubble';
  const mark = { weight: 1.9, color: isOnBubble ? colors.dangerOnLight : colors.surface, unit };
  const x = DISC.left + DISC.across / 2;
  return (
    <>
      <View
        style={[
          isOnBubble ? styles.discOnBubble : styles.disc,
          { left: DISC.left * unit, top: DISC.top * unit, width: DISC.across * unit, height: DISC.across * unit, borderRadius: DISC.across * unit },
        ]}
      />
      <Stroke from={[x, 4.9]} to={[x, 8.3]} {...mark} />
      <Stroke from={[x, 11.2]} to={[x, 11.2]} {...mark} />
    </>
  );
}

const useStyles = createStyles((colors) => ({
  disc: { position: 'absolute', backgroundColor: colors.danger },
  discOnBubble: { position: 'absolute', backgroundColor: colors.bubbleMineText },
}));
