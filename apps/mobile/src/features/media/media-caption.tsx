import { ScrollView, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import type { GalleryEntry } from '../../data/use-gallery.ts';
import { hasFinePointer } from '../../platform/pointer.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';

export interface MediaCaptionProps {
  entry: GalleryEntry;
  hasPrevious: boolean;
  hasNext: boolean;
  onTurn: (step: -1 | 1) => void;
  /** The player has its controls at the bottom. */
  isVideo: boolean;
}

/** The words that came with it, its place in its album, and with a mouse the way to its neighbours. */
export function MediaCaption({ entry, hasPrevious, hasNext, onTurn, isVideo }: MediaCaptionProps) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const { attachment, message } = entry;
  const album = message.attachments.filter(({ type }) => type !== 'file');
  const place = album.findIndex(({ id }) => id === attachment.id);
  const hasWords = message.text !== undefined && message.text !== '';
  return (
    <>
      {hasFinePointer() ? (
        <>
          <View style={[styles.side, { left: SPACE.m }]}>
            {hasPrevious ? <IconButton icon="chevron-left" label="Previous" color="onMedia" onPress={() => onTurn(-1)} testID="media-previous" /> : null}
          </View>
          <View style={[styles.side, { right: SPACE.m }]}>
            {hasNext ? <IconButton icon="chevron-right" label="Next" color="onMedia" onPress={() => onTurn(1)} testID="media-next" /> : null}
          </View>
        </>
      ) : null}
      {(hasWords && !isVideo) || album.length > 1 ? (
        <View style={[styles.foot, isVideo ? { bottom: insets.bottom + PLAYER_HEIGHT } : { bottom: 0, paddingBottom: insets.bottom + SPACE.m }]} pointerEvents="box-none">
          {hasWords && !isVideo ? (
            <ScrollView style={styles.words} contentContainerStyle={styles.column}>
              <Text color="onMedia" style={styles.centred} testID="media-caption">
                {message.text}
              </Text>
            </ScrollView>
          ) : null}
          {album.length > 1 ? (
            <Text size="caption" color="onMedia" style={styles.centred}>
              {`${place + 1} of ${album.length}`}
            </Text>
          ) : null}
        </View>
      ) : null}
    </>
  );
}

/** Of the players' own row of controls, with room. */
const PLAYER_HEIGHT = 72;
/** Longer captions scroll: the picture stays in sight. */
const MOST_WORDS = 120;

const useStyles = createStyles((colors) => ({
  side: { position: 'absolute', top: '50%', marginTop: -TOUCH_TARGET / 2, borderRadius: TOUCH_TARGET, backgroundColor: colors.mediaShade },
  foot: { position: 'absolute', left: 0, right: 0, alignItems: 'center', gap: SPACE.xs, paddingTop: SPACE.s, paddingHorizontal: SPACE.l, backgroundColor: colors.mediaShade },
  words: { maxHeight: MOST_WORDS, flexGrow: 0, width: '100%' },
  column: { alignItems: 'center' },
  centred: { textAlign: 'center', maxWidth: 640 },
}));
