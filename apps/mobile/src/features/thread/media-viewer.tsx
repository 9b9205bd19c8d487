import type { Attachment } from '@couplet/protocol';
import { useEffect } from 'react';
import { Modal, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { useAttachmentLinks } from '../../data/use-attachment-links.ts';
import { subscribeToShortcut } from '../../platform/shortcuts.ts';
import { saveFile } from '../../platform/save-file.ts';
import { VideoPlayer } from '../../platform/video-player.tsx';
import { CachedImage } from '../../ui/cached-image.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { useEscape } from '../../ui/use-escape.ts';

export interface MediaViewerProps {
  media: readonly Attachment[];
  index: number;
  onMove: (index: number) => void;
  onClose: () => void;
}

/** One message's pictures and videos over the whole screen, one at a time. */
export function MediaViewer({ media, index, onMove, onClose }: MediaViewerProps) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  useEscape(onClose);
  const last = media.length - 1;
  useEffect(() => {
    const previous = subscribeToShortcut('arrow-left', () => onMove(Math.max(0, index - 1)), true);
    const next = subscribeToShortcut('arrow-right', () => onMove(Math.min(last, index + 1)), true);
    return () => {
      previous();
      next();
    };
  }, [index, last, onMove]);
  const attachment = media[index];
  if (!attachment) return null;
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={[styles.screen, { paddingTop: insets.top, paddingBottom: insets.bottom }]} role="dialog" aria-modal aria-label={attachment.name} testID="media-viewer">
        <Shown key={attachment.id} attachment={attachment} onClose={onClose} />
        {media.length > 1 ? (
          <View style={styles.steps}>
            <IconButton icon="chevron-left" label="Previous" color="onMedia" disabled={index === 0} onPress={() => onMove(index - 1)} testID="media-previous" />
            <Text color="onMedia">{`${index + 1} of ${media.length}`}</Text>
            <IconButton icon="chevron-right" label="Next" color="onMedia" disabled={index === last} onPress={() => onMove(index + 1)} testID="media-next" />
          </View>
        ) : null}
      </View>
    </Modal>
  );
}

function Shown({ attachment, onClose }: { attachment: Attachment; onClose: () => void }) {
  const styles = useStyles();
  const { id, type, name, url, placeholder } = useAttachmentLinks(attachment);
  return (
    <>
      <View style={styles.bar}>
        <IconButton icon="x" label="Close" color="onMedia" onPress={onClose} testID="media-close" />
        <Text color="onMedia" numberOfLines={1} style={styles.name}>
          {name}
        </Text>
        <IconButton icon="download" label="Save" color="onMedia" onPress={() => void saveFile(url, name)} testID="media-save" />
      </View>
      <View style={styles.stage}>
        {type === 'video' ? (
          <VideoPlayer url={url} />
        ) : (
          <CachedImage
            cacheKey={`${id}:full`}
            url={url}
            meanwhile={`${id}:1280`}
            placeholder={placeholder === undefined ? null : { thumbhash: placeholder }}
            placeholderContentFit="contain"
            contentFit="contain"
            style={styles.picture}
            accessibilityLabel={name}
          />
        )}
      </View>
    </>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.mediaGround },
  bar: { flexDirection: 'row', alignItems: 'center', gap: SPACE.s, paddingHorizontal: SPACE.s },
  name: { flex: 1, textAlign: 'center' },
  stage: { flex: 1, minHeight: 0 },
  picture: { width: '100%', height: '100%' },
  steps: { flexDirection: 'row', alignItems: 'center', justifyContent: 'center', gap: SPACE.l },
}));
