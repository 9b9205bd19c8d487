import { useEffect, useMemo, useRef } from 'react';
import { PanResponder, View } from 'react-native';
import { createStyles } from './theme.tsx';

export interface PaneDividerProps {
  width: number;
  least: number;
  most: number;
  onResize: (width: number) => void;
}

/** Step of the arrow keys, in points. */
const KEY_STEP = 16;

/** The edge between two panes: dragged, or moved by the arrow keys. */
export function PaneDivider({ width, least, most, onResize }: PaneDividerProps) {
  const styles = useStyles();
  const latest = useRef({ width, onResize });
  const start = useRef(width);
  useEffect(() => {
    latest.current = { width, onResize };
  });
  const responder = useMemo(
    () =>
      PanResponder.create({
        onStartShouldSetPanResponder: () => true,
        onPanResponderGrant: () => {
          start.current = latest.current.width;
        },
        onPanResponderMove: (_, gesture) => latest.current.onResize(start.current + gesture.dx),
        onPanResponderTerminationRequest: () => false,
      }),
    [],
  );
  return (
    <View
      {...responder.panHandlers}
      style={styles.divider}
      role="separator"
      aria-label="Width of the chat list"
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      {...{
        // On the web a drag would select the text beside it, and a selection ends the drag.
        onMouseDown: (event: { preventDefault(): void }) => event.preventDefault(),
        onKeyDown: (event: { key: string }) => {
          if (event.key === 'ArrowLeft') onResize(width - KEY_STEP);
          if (event.key === 'ArrowRight') onResize(width + KEY_STEP);
        },
      }}
    />
  );
}

const useStyles = createStyles(() => ({
  divider: { position: 'absolute', top: 0, bottom: 0, end: -5, width: 9, zIndex: 2, cursor: 'col-resize' as never },
}));
