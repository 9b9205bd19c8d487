import { useEffect, useRef, useState } from 'react';
import { type AccessibilityActionEvent, type GestureResponderEvent, type LayoutChangeEvent, PanResponder, View } from 'react-native';
import { createStyles } from './theme.tsx';
import { RADIUS, TOUCH_TARGET } from './tokens.ts';

export interface SliderProps {
  label: string;
  /** From 0 to 1. */
  value: number;
  /** The value in words. */
  valueText: string;
  onChange: (value: number) => void;
  testID?: string;
}

/** With each press of an arrow key, and each swipe of a screen reader. */
const STEP = 0.05;

/** A value between two ends: dragged, pressed at a place, or moved by the arrow keys. */
export function Slider({ label, value, valueText, onChange, testID }: SliderProps) {
  const styles = useStyles();
  const [width, setWidth] = useState(0);
  const latest = useRef({ width, onChange });
  const grasped = useRef(0);
  useEffect(() => {
    latest.current = { width, onChange };
  });
  const [responder] = useState(() => {
    const choose = (points: number) => latest.current.width > 0 && latest.current.onChange(within(points / latest.current.width));
    return PanResponder.create({
      onStartShouldSetPanResponder: () => true,
      onPanResponderTerminationRequest: () => false,
      onPanResponderGrant: (event: GestureResponderEvent) => {
        grasped.current = event.nativeEvent.locationX;
        choose(grasped.current);
      },
      onPanResponderMove: (_, { dx }) => choose(grasped.current + dx),
    });
  });
  return (
    <View
      {...responder.panHandlers}
      accessible
      style={styles.slider}
      role="slider"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
      aria-valuetext={valueText}
      accessibilityActions={ACTIONS}
      onAccessibilityAction={({ nativeEvent }: AccessibilityActionEvent) => onChange(within(value + (nativeEvent.actionName === 'increment' ? STEP : -STEP)))}
      onLayout={({ nativeEvent }: LayoutChangeEvent) => setWidth(nativeEvent.layout.width)}
      tabIndex={0}
      testID={testID}
      {...{
        onKeyDown(event: { key: string; preventDefault(): void; stopPropagation(): void }) {
          const step = KEYS[event.key];
          if (step === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          onChange(within(value + step));
        },
      }}
    >
      {/* Whatever is pressed, the place is told within the slider itself. */}
      <View style={styles.track} pointerEvents="none">
        <View style={[styles.filled, { width: `${value * 100}%` }]} />
      </View>
      <View style={[styles.knob, { left: value * Math.max(0, width - KNOB) }]} pointerEvents="none" />
    </View>
  );
}

const KEYS: Readonly<Record<string, number>> = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP, Home: -1, End: 1 };
const ACTIONS = [{ name: 'increment' }, { name: 'decrement' }];
const KNOB = 22;

function within(value: number): number {
  return Math.max(0, Math.min(value, 1));
}

const useStyles = createStyles((colors) => ({
  slider: { flex: 1, minHeight: TOUCH_TARGET, justifyContent: 'center', borderRadius: RADIUS.s, cursor: 'pointer', touchAction: 'none' as never, userSelect: 'none' },
  track: { height: 4, borderRadius: RADIUS.round, backgroundColor: colors.line, overflow: 'hidden' },
  filled: { height: 4, backgroundColor: colors.accentFill },
  knob: { position: 'absolute', width: KNOB, height: KNOB, borderRadius: RADIUS.round, backgroundColor: colors.accentFill, borderWidth: 3, borderColor: colors.surface, boxShadow: `0 1px 4px ${colors.shadow}` },
}));
