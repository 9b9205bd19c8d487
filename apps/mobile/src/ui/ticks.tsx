import { View } from 'react-native';
import { Icon } from './icon.tsx';
import type { Palette } from './tokens.ts';

export type Tick = 'pending' | 'sent' | 'delivered' | 'read' | 'failed';

const LABELS: Record<Tick, string> = {
  pending: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

export interface TicksProps {
  tick: Tick;
  /** Of everything but read and failed. */
  color: keyof Palette;
  readColor: keyof Palette;
  /** Red would not be seen on a bubble of one's own. */
  failedColor?: keyof Palette;
  size?: number;
}

/** Width the ticks take at the given size: a bubble keeps that much of its last line free. */
export function ticksWidth(tick: Tick, size: number): number {
  return tick === 'delivered' || tick === 'read' ? Math.round(size * 1.4) : size;
}

export function Ticks({ tick, color, readColor, failedColor = 'danger', size = 14 }: TicksProps) {
  return (
    <View role="img" aria-label={LABELS[tick]} testID={`tick-${tick}`} style={{ width: ticksWidth(tick, size), height: size, flexDirection: 'row' }}>
      <TickShape tick={tick} color={color} readColor={readColor} failedColor={failedColor} size={size} />
    </View>
  );
}

function TickShape({ tick, color, readColor, failedColor, size }: Required<TicksProps>) {
  switch (tick) {
    case 'pending':
      return <Icon name="clock" size={size - 2} color={color} />;
    case 'failed':
      return <Icon name="alert-circle" size={size} color={failedColor} />;
    case 'sent':
      return <Icon name="check" size={size} color={color} />;
    case 'delivered':
      return <TwoChecks color={color} size={size} />;
    case 'read':
      return <TwoChecks color={readColor} size={size} />;
  }
}

function TwoChecks({ color, size }: { color: keyof Palette; size: number }) {
  return (
    <>
      <Icon name="check" size={size} color={color} />
      <View style={{ marginStart: -Math.round(size * 0.6) }}>
        <Icon name="check" size={size} color={color} />
      </View>
    </>
  );
}
