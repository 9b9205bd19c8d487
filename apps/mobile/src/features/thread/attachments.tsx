import type { Attachment, Message } from '@couplet/protocol';
import { Pressable, View } from 'react-native';
import { sentPictures } from '../../data/sent-pictures.ts';
import { useAttachmentLinks } from '../../data/use-attachment-links.ts';
import { useFileActions } from '../../data/use-file-actions.ts';
import { useUploadsHeld } from '../../data/use-uploads-held.ts';
import { useAppDispatch } from '../../state/store.ts';
import { mediaOpened } from '../../state/opened-media-slice.ts';
import { CachedImage } from '../../ui/cached-image.tsx';
import { FileCard } from '../../ui/file-card.tsx';
import { formatDuration } from '../../ui/format-size.ts';
import { Icon } from '../../ui/icon.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useLongPress } from './bubble-press.ts';
import { ALBUM_GAP, tileFrame, type TileShape, tileShape } from './media-size.ts';

/** What a stored message carries: pictures and videos as an album, files as cards. */
export function Attachments({ message, isMine }: { message: Message; isMine: boolean }) {
  const styles = useStyles();
  const dispatch = useAppDispatch();
  const { attachments, conversationId, seq } = message;
  const media = attachments.filter(({ type }) => type !== 'file');
  const files = attachments.filter(({ type }) => type === 'file');
  return (
    <View style={styles.block}>
      {media.length > 0 ? (
        <View style={styles.album}>
          {media.map((attachment, index) => (
            <MediaTile
              key={attachment.id}
              attachment={attachment}
              shape={tileShape(index, media.length)}
              sentUrl={isMine ? sentPictures.urlOf(message.clientMsgId, attachments.indexOf(attachment)) : null}
              onPress={() => dispatch(mediaOpened({ conversationId, seq, attachmentId: attachment.id }))}
            />
          ))}
        </View>
      ) : null}
      {files.map((attachment) => (
        <StoredFile key={attachment.id} attachment={attachment} isMine={isMine} />
      ))}
    </View>
  );
}

function MediaTile({ attachment, shape, sentUrl, onPress }: { attachment: Attachment; shape: TileShape; sentUrl: string | null; onPress: () => void }) {
  const styles = useStyles();
  const { id, type, name, width, height, placeholder, durationMs, thumbnailUrl, previewUrl } = useAttachmentLinks(attachment);
  // An album's squares are smaller than the small picture; what is wider is not.
  const isSmall = shape === 'square';
  const [url, variant] = isSmall ? [thumbnailUrl, '320'] : [previewUrl, '1280'];
  const isSparing = useUploadsHeld() && !isSmall;
  return (
    <Pressable role="button" aria-label={type === 'video' ? `Video ${name}` : `Picture ${name}`} onPress={onPress} {...useLongPress()} style={[styles.tile, tileFrame(shape, width, height)]} testID={`attachment-${id}`}>
      <CachedImage
        cacheKey={`${id}:${variant}`}
        url={isSparing ? null : url}
        {...(isSparing ? { meanwhile: `${id}:320`, meanwhileUrl: thumbnailUrl } : {})}
        standIn={sentUrl}
        thumbhash={placeholder}
        fit="cover"
        fadeMs={120}
        style={styles.fill}
      />
      {type === 'video' ? (
        <View style={styles.play}>
          <Icon name="play" size={22} color="onMedia" />
          {durationMs === undefined ? null : (
            <Text size="caption" color="onMedia">
              {formatDuration(durationMs)}
            </Text>
          )}
        </View>
      ) : null}
    </Pressable>
  );
}

/** Pressed it is brought to the device, pressed meanwhile that ends, and pressed then it is opened. */
function StoredFile({ attachment, isMine }: { attachment: Attachment; isMine: boolean }) {
  const { state, press } = useFileActions(attachment);
  const { id, name, mime, sizeBytes } = attachment;
  return <FileCard name={name} mime={mime} sizeBytes={sizeBytes} isMine={isMine} download={state} onPress={press} longPress={useLongPress()} testID={`attachment-${id}`} />;
}

const useStyles = createStyles((colors) => ({
  block: { gap: SPACE.xs, marginBottom: 2 },
  album: { flexDirection: 'row', flexWrap: 'wrap', gap: ALBUM_GAP, marginHorizontal: -SPACE.s, marginTop: -2 },
  tile: { borderRadius: RADIUS.m, overflow: 'hidden', backgroundColor: colors.sunken, maxWidth: '100%' },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  play: { flex: 1, alignItems: 'center', justifyContent: 'center', gap: 2, backgroundColor: colors.mediaShade },
}));
