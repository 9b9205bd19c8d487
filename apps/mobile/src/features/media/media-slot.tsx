import type { Attachment } from '@couplet/protocol';
import { View } from 'react-native';
import { useAttachmentLinks } from '../../data/use-attachment-links.ts';
import { VideoPlayer } from '../../platform/video-player.tsx';
import { CachedImage } from '../../ui/cached-image.tsx';
import { Icon } from '../../ui/icon.tsx';
import { createStyles } from '../../ui/theme.tsx';

export interface MediaSlotProps {
  attachment: Attachment;
  /** The one in sight: only it is loaded whole, and only it plays. */
  isShown: boolean;
}

/** One picture or video as large as it fits. What stands beside the shown one is the smaller picture of it. */
export function MediaSlot({ attachment, isShown }: MediaSlotProps) {
  const styles = useStyles();
  const { id, type, name, url, previewUrl, placeholder } = useAttachmentLinks(attachment);
  if (type === 'video' && isShown) return <VideoPlayer url={url} />;
  const isWhole = isShown && type === 'image';
  return (
    <View style={styles.fill}>
      <CachedImage
        key={isWhole ? 'full' : '1280'}
        cacheKey={`${id}:${isWhole ? 'full' : '1280'}`}
        url={isWhole ? url : previewUrl}
        {...(isWhole ? { meanwhile: `${id}:1280` } : {})}
        thumbhash={placeholder}
        fit="contain"
        style={styles.fill}
        {...(isShown ? { label: name } : {})}
      />
      {type === 'video' ? (
        <View style={styles.play}>
          <Icon name="play" size={36} color="onMedia" />
        </View>
      ) : null}
    </View>
  );
}

const useStyles = createStyles(() => ({
  fill: { width: '100%', height: '100%' },
  play: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0, alignItems: 'center', justifyContent: 'center' },
}));
