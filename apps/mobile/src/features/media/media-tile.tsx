import type { Attachment } from '@couplet/protocol';
import { Pressable, View } from 'react-native';
import { useAttachmentLinks } from '../../data/use-attachment-links.ts';
import { CachedImage } from '../../ui/cached-image.tsx';
import { formatDuration } from '../../ui/format-size.ts';
import { Icon } from '../../ui/icon.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';

/** A square of the grid: its small picture, and how long a video is. */
export function MediaTile({ attachment, side, onPress }: { attachment: Attachment; side: number; onPress: () => void }) {
  const styles = useStyles();
  const { id, type, name, placeholder, thumbnailUrl, durationMs } = useAttachmentLinks(attachment);
  return (
    <Pressable role="button" aria-label={type === 'video' ? `Video ${name}` : `Picture ${name}`} onPress={onPress} style={[styles.tile, { width: side, height: side }]} testID={`shared-${id}`}>
      <CachedImage
        cacheKey={`${id}:320`}
        url={thumbnailUrl}
        thumbhash={placeholder}
        fit="cover"
        style={styles.fill}
      />
      {type === 'video' ? (
        <View style={styles.length}>
          <Icon name="play" size={12} color="onMedia" />
          {durationMs === undefined ? null : (
            <Text size="tiny" color="onMedia">
              {formatDuration(durationMs)}
            </Text>
          )}
        </View>
      ) : null}
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  tile: { borderRadius: RADIUS.s, overflow: 'hidden', backgroundColor: colors.sunken },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  length: { position: 'absolute', left: SPACE.xs, bottom: SPACE.xs, flexDirection: 'row', alignItems: 'center', gap: SPACE.xs, paddingHorizontal: SPACE.xs, paddingVertical: 1, borderRadius: RADIUS.s, backgroundColor: colors.mediaShade },
}));
