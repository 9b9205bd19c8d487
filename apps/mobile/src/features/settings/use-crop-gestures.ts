import { useEffect, useRef, useState } from 'react';
import { type GestureResponderEvent, type GestureResponderHandlers, PanResponder } from 'react-native';
import { subscribeToWheelZoom } from '../../platform/wheel-zoom.ts';
import type { Square } from '../../platform/pictures/edit-picture.ts';
import { movedSquare, type PictureSize, zoomedSquare, zoomOf } from './photo-crop.ts';

export interface CropGestures {
  picture: PictureSize;
  square: Square;
  /** Of the stage that the square fills, in points. */
  stage: number;
  onChange: (square: Square) => void;
}

/** One finger or the mouse moves the picture under the circle; two fingers, and the wheel, zoom. */
export function useCropGestures(gestures: CropGestures): GestureResponderHandlers {
  const latest = useRef(gestures);
  useEffect(() => {
    latest.current = gestures;
  });
  useEffect(
    () =>
      subscribeToWheelZoom(({ factor }) => {
        const { picture, square, onChange } = latest.current;
        onChange(zoomedSquare(picture, square, zoomOf(picture, square) * factor));
      }),
    [],
  );
  const [responder] = useState(() => {
    /** Where the fingers were when the last change was made. */
    let before: { x: number; y: number; distance: number | null } | null = null;
    return PanResponder.create({
      onStartShouldSetPanResponder: () => true,
      onMoveShouldSetPanResponder: () => true,
      onPanResponderTerminationRequest: () => false,
      onPanResponderGrant: () => {
        before = null;
      },
      onPanResponderMove: (event) => {
        const now = fingersOf(event);
        // A finger that comes or goes moves the middle between them: nothing was dragged.
        const isSame = before !== null && (before.distance === null) === (now.distance === null);
        if (before !== null && isSame) {
          const { picture, square, stage, onChange } = latest.current;
          const scale = square.side / stage;
          const moved = movedSquare(picture, square, (now.x - before.x) * scale, (now.y - before.y) * scale);
          const factor = now.distance !== null && before.distance !== null && before.distance > 0 ? now.distance / before.distance : 1;
          const next = zoomedSquare(picture, moved, zoomOf(picture, moved) * factor);
          // Several moves may come before the next render.
          latest.current = { ...latest.current, square: next };
          onChange(next);
        }
        before = now;
      },
    });
  });
  return responder.panHandlers;
}

function fingersOf({ nativeEvent }: GestureResponderEvent): { x: number; y: number; distance: number | null } {
  const [first, second] = nativeEvent.touches;
  if (first === undefined || second === undefined) return { x: nativeEvent.pageX, y: nativeEvent.pageY, distance: null };
  return { x: (first.pageX + second.pageX) / 2, y: (first.pageY + second.pageY) / 2, distance: Math.hypot(first.pageX - second.pageX, first.pageY - second.pageY) };
}
