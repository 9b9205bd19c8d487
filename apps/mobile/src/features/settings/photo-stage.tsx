import { View } from 'react-native';
import { Picture } from '../../platform/picture.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS } from '../../ui/tokens.ts';
import { movedSquare, placeOf, zoomedSquare, zoomOf } from './photo-crop.ts';
import { type CropGestures, useCropGestures } from './use-crop-gestures.ts';

/** The picture under a round window: what shows in it is the photo. */
export function PhotoStage({ url, ...gestures }: CropGestures & { url: string }) {
  const styles = useStyles();
  const handlers = useCropGestures(gestures);
  const { picture, square, stage, onChange } = gestures;
  return (
    <View
      {...handlers}
      style={[styles.stage, { width: stage, height: stage }]}
      role="application"
      aria-label="Part of the picture. Arrow keys move it, plus and minus zoom."
      tabIndex={0}
      testID="photo-stage"
      {...{
        onKeyDown(event: { key: string; preventDefault(): void }) {
          const step = square.side * KEY_STEP;
          const direction = DIRECTIONS[event.key];
          const factor = FACTORS[event.key];
          if (direction) onChange(movedSquare(picture, square, direction[0] * step, direction[1] * step));
          else if (factor !== undefined) onChange(zoomedSquare(picture, square, zoomOf(picture, square) * factor));
          else return;
          event.preventDefault();
        },
      }}
    >
      <Picture uri={url} fit="fill" style={[styles.picture, placeOf(picture, square, stage)]} />
      <View style={[styles.window, { width: stage, height: stage }]} pointerEvents="none" />
    </View>
  );
}

/** The picture goes with the arrow, a twentieth of what is shown at a time. */
const KEY_STEP = 0.05;
const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FACTORS: Readonly<Record<string, number>> = { '+': 1.1, '=': 1.1, '-': 1 / 1.1 };

const useStyles = createStyles((colors) => ({
  stage: { alignSelf: 'center', overflow: 'hidden', borderRadius: RADIUS.m, backgroundColor: colors.sunken, cursor: 'grab' as never, touchAction: 'none' as never, userSelect: 'none' },
  picture: { position: 'absolute', pointerEvents: 'none' },
  // Everything outside of the circle lies in its shadow.
  window: { position: 'absolute', borderRadius: RADIUS.round, boxShadow: `0 0 0 400px ${colors.mediaShade}`, borderWidth: 2, borderColor: colors.onMedia },
}));
