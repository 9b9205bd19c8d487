import { useCallback, useEffect, useLayoutEffect, useMemo } from 'react';
import { Gesture } from 'react-native-gesture-handler';
import { Easing, type SharedValue, useAnimatedStyle, useSharedValue, withTiming } from 'react-native-reanimated';
import { scheduleOnRN } from 'react-native-worklets';
import { FITTED, fittedSize, MOST_SCALE, type Size, TAPPED_SCALE, turnOf, withinFrame, type Zoom, zoomedTo } from './zoom.ts';

export interface MediaGesturesOptions {
  frame: Size;
  /** The picture that is shown, in pixels; `null` for what cannot be zoomed. */
  picture: Partial<Size> | null;
  /** Where it stands in the row of pictures: stays the same when more are found at either end. */
  ordinal: number;
  hasPrevious: boolean;
  hasNext: boolean;
  onTurn: (step: -1 | 1) => void;
  onTap: () => void;
  onClose: () => void;
  /** How far the picture is dragged away to close, in points. */
  dragged: SharedValue<number>;
}

/** Between two pictures, in points. */
export const PAGE_GAP = 24;
/** Points: as far as a thumb moves without meaning it. */
const SLOP = 8;
/** Points, and points a second: then the picture is let go of. */
const LETS_GO = { distance: 110, velocity: 900 };
/** Past either end the row follows the finger only so far. */
const RESISTANCE = 3;
/** What the fingers may overdo before they let go. */
const OVERDONE = { least: 0.6, most: MOST_SCALE * 1.4 };
const GLIDE = { duration: 220, easing: Easing.out(Easing.cubic) };

type Drag = 'none' | 'row' | 'away' | 'picture';

/** Swipes between pictures, pulls one down to close, pinches, taps twice and drags what is zoomed; all of it without rendering. */
export function useMediaGestures({ frame, picture, ordinal, hasPrevious, hasNext, onTurn, onTap, onClose, dragged }: MediaGesturesOptions) {
  const page = frame.width + PAGE_GAP;
  const position = useSharedValue(ordinal * page);
  const scale = useSharedValue(FITTED.scale);
  const x = useSharedValue(FITTED.x);
  const y = useSharedValue(FITTED.y);
  const before = useSharedValue<Zoom>(FITTED);
  const focalBefore = useSharedValue({ x: 0, y: 0 });
  const drag = useSharedValue<Drag>('none');
  const canZoom = picture !== null;
  const { width: pictureWidth, height: pictureHeight } = picture ?? {};
  const fitted = useMemo(() => fittedSize({ ...(pictureWidth ? { width: pictureWidth } : {}), ...(pictureHeight ? { height: pictureHeight } : {}) }, frame), [pictureWidth, pictureHeight, frame]);

  useLayoutEffect(() => {
    scale.set(FITTED.scale);
    x.set(FITTED.x);
    y.set(FITTED.y);
    // Also when it was a key or a button that turned the page, or the window that changed.
    position.set(withTiming(ordinal * page, GLIDE));
  }, [ordinal, page, position, scale, x, y]);
  useEffect(() => () => dragged.set(0), [dragged]);

  const glideTo = useCallback(
    (zoom: Zoom) => {
      'worklet';
      scale.set(withTiming(zoom.scale, GLIDE));
      x.set(withTiming(zoom.x, GLIDE));
      y.set(withTiming(zoom.y, GLIDE));
    },
    [scale, x, y],
  );

  const gesture = useMemo(() => {
    const current = (): Zoom => {
      'worklet';
      return { scale: scale.get(), x: x.get(), y: y.get() };
    };
    const fromMiddle = (at: { x: number; y: number }) => {
      'worklet';
      return { x: at.x - frame.width / 2, y: at.y - frame.height / 2 };
    };
    const pan = Gesture.Pan()
      .minDistance(SLOP)
      .maxPointers(1)
      .onStart(() => {
        before.set(current());
        drag.set(scale.get() > 1 ? 'picture' : 'none');
      })
      .onUpdate(({ translationX, translationY }) => {
        // Where it leads shows with the first step: a gesture may begin with none.
        if (drag.get() === 'none' && translationX !== translationY) drag.set(Math.abs(translationX) > Math.abs(translationY) ? 'row' : 'away');
        switch (drag.get()) {
          case 'picture': {
            const { scale: held, x: left, y: top } = before.get();
            const moved = withinFrame({ scale: held, x: left + translationX, y: top + translationY }, fitted, frame);
            x.set(moved.x);
            y.set(moved.y);
            return;
          }
          case 'row': {
            const leadsOn = translationX < 0 ? hasNext : hasPrevious;
            position.set(ordinal * page - (leadsOn ? translationX : translationX / RESISTANCE));
            return;
          }
          case 'away':
            dragged.set(translationY);
            return;
          case 'none':
            return;
        }
      })
      .onEnd(({ translationX, translationY, velocityX, velocityY }) => {
        const ended = drag.get();
        drag.set('none');
        if (ended === 'row') {
          const turn = turnOf(translationX, velocityX, frame.width);
          const leadsOn = turn === 1 ? hasNext : turn === -1 && hasPrevious;
          position.set(withTiming((ordinal + (leadsOn ? turn : 0)) * page, GLIDE));
          if (leadsOn && turn !== 0) scheduleOnRN(onTurn, turn);
        } else if (ended === 'away') {
          if (Math.abs(translationY) > LETS_GO.distance || Math.abs(velocityY) > LETS_GO.velocity) scheduleOnRN(onClose);
          else dragged.set(withTiming(0, GLIDE));
        }
      });
    const pinch = Gesture.Pinch()
      .enabled(canZoom)
      .onStart((event) => {
        before.set(current());
        focalBefore.set(fromMiddle({ x: event.focalX, y: event.focalY }));
      })
      .onUpdate((event) => {
        const start = before.get();
        const wanted = Math.max(OVERDONE.least, Math.min(start.scale * event.scale, OVERDONE.most));
        const focal = fromMiddle({ x: event.focalX, y: event.focalY });
        const from = focalBefore.get();
        const zoom = zoomedTo(start, wanted, from);
        scale.set(zoom.scale);
        // Two fingers also carry it along.
        x.set(zoom.x + focal.x - from.x);
        y.set(zoom.y + focal.y - from.y);
      })
      .onEnd(() => glideTo(withinFrame(current(), fitted, frame)));
    const twice = Gesture.Tap()
      .enabled(canZoom)
      .numberOfTaps(2)
      .maxDistance(SLOP)
      .onEnd((event) => {
        if (scale.get() > 1) glideTo(FITTED);
        else glideTo(withinFrame(zoomedTo(current(), TAPPED_SCALE, fromMiddle(event)), fitted, frame));
      });
    const once = Gesture.Tap()
      .maxDistance(SLOP)
      .onEnd(() => scheduleOnRN(onTap));
    return Gesture.Simultaneous(pan, pinch, Gesture.Exclusive(twice, once));
  }, [frame, fitted, page, ordinal, canZoom, hasPrevious, hasNext, onTurn, onTap, onClose, glideTo, before, focalBefore, drag, dragged, position, scale, x, y]);

  /** For wheels and keys; `at` in points from the middle of the frame. */
  const zoomBy = useCallback(
    (factor: number, at = { x: 0, y: 0 }, glides = false) => {
      if (!canZoom) return;
      const zoom = { scale: scale.get(), x: x.get(), y: y.get() };
      const next = withinFrame(zoomedTo(zoom, Math.max(1, Math.min(zoom.scale * factor, MOST_SCALE)), at), fitted, frame);
      if (glides) return glideTo(next);
      scale.set(next.scale);
      x.set(next.x);
      y.set(next.y);
    },
    [canZoom, fitted, frame, glideTo, scale, x, y],
  );

  const rowStyle = useAnimatedStyle(() => ({ transform: [{ translateX: -position.get() }, { translateY: dragged.get() }] }));
  const zoomStyle = useAnimatedStyle(() => ({ transform: [{ translateX: x.get() }, { translateY: y.get() }, { scale: scale.get() }] }));
  return { gesture, zoomBy, rowStyle, zoomStyle };
}
