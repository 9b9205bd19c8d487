import { Cancellation, type OutgoingFile } from '@couplet/client';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Modal, Pressable, useWindowDimensions, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { keepBeforeReload } from '../../platform/app-update.ts';
import { cropPicture, type Square } from '../../platform/pictures/edit-picture.ts';
import { previewOf } from '../../platform/preview-of.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Slider } from '../../ui/slider.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useDismissal } from '../../ui/use-dismissal.ts';
import { mostZoom, type PictureSize, widestSquare, zoomedSquare, zoomOf } from './photo-crop.ts';
import { PhotoStage } from './photo-stage.tsx';

/** Twice what the server makes of it at most: room for a screen of tomorrow. */
const PHOTO_SIDE = 1_024;
/** With each press of − and +. */
const STEP = 1.25;

export interface PhotoDialogProps {
  file: OutgoingFile;
  picture: PictureSize;
  onClose: () => void;
}

/** Chooses which part of a picture is shown as the viewer's photo, and brings it to the server. */
export function PhotoDialog({ file, picture, onClose }: PhotoDialogProps) {
  const styles = useStyles();
  const window = useWindowDimensions();
  const [preview] = useState(() => previewOf(file.source));
  const [square, setSquare] = useState<Square>(() => widestSquare(picture));
  const upload = usePhotoUpload(file, onClose);
  useEffect(() => () => preview?.release(), [preview]);
  // What was chosen is kept nowhere.
  useEffect(() => keepBeforeReload(() => 'busy'), []);
  useDismissal(upload.close);
  const stage = Math.max(160, Math.min(MOST_STAGE, window.width - SPACE.xl * 4, window.height - OTHER_HEIGHT));
  const zoom = zoomOf(picture, square);
  const most = mostZoom(picture);
  const zoomTo = (next: number) => setSquare((shown) => zoomedSquare(picture, shown, next));
  return (
    <Modal transparent animationType="fade" onRequestClose={upload.close}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={upload.close} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role="dialog" aria-modal aria-label="Your photo" testID="photo-dialog">
          <Text size="large" weight="600">
            Your photo
          </Text>
          {preview ? <PhotoStage url={preview.url} picture={picture} square={square} stage={stage} onChange={setSquare} /> : null}
          <View style={styles.zoom}>
            <IconButton icon="zoom-out" label="Zoom out" color="textSecondary" disabled={zoom <= 1} onPress={() => zoomTo(zoom / STEP)} testID="photo-zoom-out" />
            {/* Even steps of the slider are even factors. */}
            <Slider label="Zoom" value={most > 1 ? Math.log(zoom) / Math.log(most) : 0} valueText={`${Math.round(zoom * 100)} %`} onChange={(value) => zoomTo(most ** value)} testID="photo-zoom" />
            <IconButton icon="zoom-in" label="Zoom in" color="textSecondary" disabled={zoom >= most} onPress={() => zoomTo(zoom * STEP)} testID="photo-zoom-in" />
          </View>
          <View style={styles.outcome} aria-live="polite">
            {upload.isPending ? <ProgressBar label="Uploading" value={upload.share} testID="photo-progress" /> : null}
            {upload.error ? (
              <Text size="small" color="danger" role="alert" testID="photo-error">
                {errorText(upload.error)}
              </Text>
            ) : null}
          </View>
          <View style={styles.actions}>
            <View style={styles.action}>
              <Button label="Cancel" kind="plain" onPress={upload.close} testID="photo-cancel" />
            </View>
            <View style={styles.action}>
              <Button label={upload.error ? 'Try again' : 'Save'} busy={upload.isPending} onPress={() => upload.start(square)} testID="photo-save" />
            </View>
          </View>
        </View>
      </View>
    </Modal>
  );
}

/** Closing gives up what is on its way. */
function usePhotoUpload(file: OutgoingFile, onClose: () => void) {
  const messenger = useMessenger();
  const [share, setShare] = useState(0);
  const running = useRef<Cancellation | null>(null);
  const { mutate, isPending, error } = useMutation({
    async mutationFn(square: Square) {
      const signal = new Cancellation();
      running.current = signal;
      setShare(0);
      const photo = await cropPicture(file, square, PHOTO_SIDE);
      return messenger.session.setPhoto(photo, { signal, progressed: setShare });
    },
    onSuccess: onClose,
  });
  useEffect(() => () => running.current?.cancel(), []);
  return { share, isPending, error, start: mutate, close: onClose };
}

const MOST_STAGE = 320;
/** Of the dialog without its stage, and the room around it. */
const OTHER_HEIGHT = 300;

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.l, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 400, gap: SPACE.m, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
  zoom: { flexDirection: 'row', alignItems: 'center', gap: SPACE.xs },
  outcome: { minHeight: 18, justifyContent: 'center' },
  actions: { flexDirection: 'row', gap: SPACE.s },
  action: { flex: 1 },
}));
