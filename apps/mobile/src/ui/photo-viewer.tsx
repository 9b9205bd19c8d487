import { Modal, Pressable, useWindowDimensions, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { IconButton } from './icon-button.tsx';
import { PersonPhoto } from './person-photo.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE } from './tokens.ts';
import { useDismissal } from './use-dismissal.ts';

export interface PhotoViewerProps {
  name: string;
  url: string;
  fullUrl?: string | undefined;
  onClose: () => void;
}

/** A person's photo as large as it is kept. A press anywhere leads back. */
export function PhotoViewer({ name, url, fullUrl, onClose }: PhotoViewerProps) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const window = useWindowDimensions();
  useDismissal(onClose);
  const side = Math.min(window.width, window.height - BAR_HEIGHT * 2, MOST_SIDE);
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={[styles.screen, { paddingTop: insets.top }]} role="dialog" aria-modal aria-label={`Photo of ${name}`} testID="photo-viewer">
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.bar} pointerEvents="box-none">
          <IconButton icon="x" label="Close" color="onMedia" onPress={onClose} testID="photo-close" />
          <Text weight="600" color="onMedia" numberOfLines={1} style={styles.name}>
            {name}
          </Text>
        </View>
        <View style={styles.stage} pointerEvents="none">
          <View style={[styles.picture, { width: side, height: side }, side < window.width ? styles.rounded : null]} role="img" aria-label={`Photo of ${name}`}>
            <PersonPhoto url={url} fullUrl={fullUrl} style={styles.fill} />
          </View>
        </View>
      </View>
    </Modal>
  );
}

const BAR_HEIGHT = 56;
/** Larger than this the kept picture would be stretched. */
const MOST_SIDE = 512;

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.mediaGround },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  bar: { flexDirection: 'row', alignItems: 'center', gap: SPACE.s, minHeight: BAR_HEIGHT, paddingHorizontal: SPACE.s },
  name: { flex: 1 },
  stage: { flex: 1, alignItems: 'center', justifyContent: 'center', marginBottom: BAR_HEIGHT },
  picture: { overflow: 'hidden' },
  rounded: { borderRadius: RADIUS.l },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
}));
