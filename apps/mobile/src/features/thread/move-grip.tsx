import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { PanResponder, View } from 'react-native';
import { Icon } from '../../ui/icon.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, TOUCH_TARGET } from '../../ui/tokens.ts';

export interface MoveGripProps {
  name: string;
  index: number;
  count: number;
  /** By so many points from where it was taken. */
  onDrag: (distance: number) => void;
  onDrop: (distance: number) => void;
  onMove: (to: number) => void;
}

/** Moves a row among others: dragged, by the arrow keys, or by a screen reader's up and down. */
export function MoveGrip({ name, index, count, onDrag, onDrop, onMove }: MoveGripProps) {
  const styles = useStyles();
  const grip = useRef<View>(null);
  const latest = useRef({ onDrag, onDrop });
  useEffect(() => {
    latest.current = { onDrag, onDrop };
  });
  const [responder] = useState(() =>
    PanResponder.create({
      onStartShouldSetPanResponder: () => true,
      // The list must not begin to scroll with it.
      onPanResponderTerminationRequest: () => false,
      onPanResponderMove: (_, { dy }) => latest.current.onDrag(dy),
      onPanResponderRelease: (_, { dy }) => latest.current.onDrop(dy),
      onPanResponderTerminate: (_, { dy }) => latest.current.onDrop(dy),
    }),
  );
  /** A row that the document puts elsewhere loses the focus on the way. */
  const keepsFocus = useRef(false);
  useLayoutEffect(() => {
    if (keepsFocus.current) grip.current?.focus();
    keepsFocus.current = false;
  }, [index]);
  const moveBy = (step: -1 | 1) => {
    const to = index + step;
    if (to < 0 || to >= count) return;
    keepsFocus.current = true;
    onMove(to);
  };
  return (
    <View
      ref={grip}
      {...responder.panHandlers}
      accessible
      tabIndex={0}
      role="slider"
      aria-label={`Place of ${name}`}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      aria-valuetext={`${index + 1} of ${count}`}
      accessibilityActions={STEPS}
      onAccessibilityAction={({ nativeEvent }) => moveBy(nativeEvent.actionName === 'increment' ? 1 : -1)}
      style={styles.grip}
      testID={`attach-grip-${index + 1}`}
      {...{
        // On the web a drag would select the text beside it, and a selection ends the drag.
        onMouseDown: (event: { preventDefault(): void }) => event.preventDefault(),
        onKeyDown(event: { key: string; preventDefault(): void }) {
          const step = KEYS[event.key];
          if (step === undefined) return;
          event.preventDefault();
          moveBy(step);
        },
      }}
    >
      <Icon name="menu" size={18} />
    </View>
  );
}

const KEYS: Readonly<Record<string, -1 | 1>> = { ArrowUp: -1, ArrowDown: 1 };
const STEPS = [{ name: 'increment' }, { name: 'decrement' }];

const useStyles = createStyles(() => ({
  // A finger on it drags, and does not scroll the list.
  grip: { width: TOUCH_TARGET, height: TOUCH_TARGET, borderRadius: RADIUS.round, alignItems: 'center', justifyContent: 'center', cursor: 'grab' as never, touchAction: 'none' as never },
}));
