import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { Animated, Platform } from 'react-native';
import { formatDay } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { MOTION, RADIUS, SPACE } from '../../ui/tokens.ts';
import { useReducedMotion } from '../../ui/use-reduced-motion.ts';
import { momentOf, type ThreadRow } from './thread-rows.ts';

export interface FloatingDayHandle {
  /** Shows the day of the first row in view for a moment; `null` where the thread needs none. */
  follow: (firstRow: ThreadRow | null) => void;
}

/** Long enough to be read after the rows have come to rest. */
const SHOWN_MS = 1_000;

/** The day of what is read, over the thread while it scrolls. The days between the rows tell the same to screen readers. */
export function FloatingDay({ ref }: { ref: Ref<FloatingDayHandle> }) {
  const styles = useStyles();
  const isStill = useReducedMotion();
  const [day, setDay] = useState<string | null>(null);
  const [opacity] = useState(() => new Animated.Value(0));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const fadeTo = useCallback(
    (toValue: number, then?: () => void) =>
      Animated.timing(opacity, { toValue, duration: isStill ? 0 : MOTION.slow, useNativeDriver: Platform.OS !== 'web' }).start(({ finished }) => {
        if (finished) then?.();
      }),
    [opacity, isStill],
  );
  const hide = useCallback(() => fadeTo(0, () => setDay(null)), [fadeTo]);
  useEffect(() => () => clearTimeout(timer.current), []);

  useImperativeHandle(
    ref,
    () => ({
      follow(firstRow) {
        clearTimeout(timer.current);
        const at = firstRow === null ? null : momentOf(firstRow);
        if (at === null) {
          hide();
          return;
        }
        setDay(formatDay(at, Date.now()));
        fadeTo(1);
        timer.current = setTimeout(hide, SHOWN_MS);
      },
    }),
    [fadeTo, hide],
  );

  if (day === null) return null;
  return (
    <Animated.View aria-hidden pointerEvents="none" style={[styles.place, { opacity }]} testID="floating-day">
      <Text size="caption" weight="500" color="textSecondary" style={styles.pill}>
        {day}
      </Text>
    </Animated.View>
  );
}

const useStyles = createStyles((colors) => ({
  place: { position: 'absolute', top: SPACE.s, left: 0, right: 0, alignItems: 'center' },
  pill: {
    paddingHorizontal: SPACE.m,
    paddingVertical: 4,
    borderRadius: RADIUS.round,
    overflow: 'hidden',
    backgroundColor: colors.surface,
    boxShadow: `0 1px 6px ${colors.shadow}`,
  },
}));
