import { useEffect, useMemo, useState } from 'react';
import { type LayoutChangeEvent, useWindowDimensions, View } from 'react-native';
import { GestureDetector } from 'react-native-gesture-handler';
import Animated, { type SharedValue } from 'react-native-reanimated';
import type { GalleryEntry } from '../../data/use-gallery.ts';
import { hasFinePointer } from '../../platform/pointer.ts';
import { subscribeToShortcut } from '../../platform/shortcuts.ts';
import { subscribeToWheelZoom } from '../../platform/wheel-zoom.ts';
import { createStyles } from '../../ui/theme.tsx';
import { MediaSlot } from './media-slot.tsx';
import { PAGE_GAP, useMediaGestures } from './use-media-gestures.ts';

export interface MediaPagerProps {
  entries: readonly GalleryEntry[];
  index: number;
  /** An entry whose place in the row counts as 0, so that entries found before it move nothing. */
  anchorIndex: number;
  onTurn: (step: -1 | 1) => void;
  onTap: () => void;
  onClose: () => void;
  dragged: SharedValue<number>;
}

/** On either side of the shown one: memory is bounded by three pictures, however many there are. */
const WINDOW = 1;
/** With each press of + and −. */
const KEY_FACTOR = 1.4;

/** The row of pictures, of which the shown one and its neighbours exist. */
export function MediaPager({ entries, index, anchorIndex, onTurn, onTap, onClose, dragged }: MediaPagerProps) {
  const styles = useStyles();
  const window = useWindowDimensions();
  const [measured, setMeasured] = useState<{ width: number; height: number } | null>(null);
  const { width, height } = measured ?? window;
  const frame = useMemo(() => ({ width, height }), [width, height]);
  const shown = entries[index]?.attachment;
  const isVideo = shown?.type === 'video';
  const { gesture, zoomBy, rowStyle, zoomStyle } = useMediaGestures({
    frame,
    picture: shown && !isVideo ? { ...(shown.width ? { width: shown.width } : {}), ...(shown.height ? { height: shown.height } : {}) } : null,
    ordinal: index - anchorIndex,
    hasPrevious: index > 0,
    hasNext: index < entries.length - 1,
    onTurn,
    onTap,
    onClose,
    dragged,
  });
  useEffect(() => {
    const subscriptions = [
      subscribeToShortcut('zoom-in', () => zoomBy(KEY_FACTOR, undefined, true), true),
      subscribeToShortcut('zoom-out', () => zoomBy(1 / KEY_FACTOR, undefined, true), true),
      subscribeToWheelZoom(({ factor, x, y }) => zoomBy(factor, { x: x - width / 2, y: y - height / 2 })),
    ];
    return () => subscriptions.forEach((unsubscribe) => unsubscribe());
  }, [zoomBy, width, height]);
  const first = Math.max(0, index - WINDOW);
  const row = (
    <View style={styles.frame} onLayout={({ nativeEvent }: LayoutChangeEvent) => setMeasured({ width: nativeEvent.layout.width, height: nativeEvent.layout.height })}>
      <Animated.View style={[styles.row, rowStyle]}>
        {entries.slice(first, index + WINDOW + 1).map((entry, offset) => {
          const at = first + offset;
          const isShown = at === index;
          return (
            <Animated.View
              key={entry.attachment.id}
              // A browser would begin to drag a picture that a mouse takes hold of, and end the gesture.
              pointerEvents={isShown && isVideo ? 'auto' : 'none'}
              style={[styles.slot, { left: (at - anchorIndex) * (width + PAGE_GAP), width, height }, isShown ? zoomStyle : null]}
              aria-hidden={!isShown}
              testID={isShown ? 'media-shown' : undefined}
            >
              <MediaSlot attachment={entry.attachment} isShown={isShown} />
            </Animated.View>
          );
        })}
      </Animated.View>
    </View>
  );
  // A mouse on a video moves the player's own controls.
  return isVideo && hasFinePointer() ? row : <GestureDetector gesture={gesture}>{row}</GestureDetector>;
}

const useStyles = createStyles(() => ({
  // Older pictures stand left of newer ones in every language, as on a film.
  frame: { flex: 1, overflow: 'hidden', direction: 'ltr' },
  row: { flex: 1 },
  slot: { position: 'absolute', top: 0 },
}));
