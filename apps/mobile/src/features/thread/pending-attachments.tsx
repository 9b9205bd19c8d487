import type { PendingUpload, SendState } from '@couplet/client';
import { Image } from 'expo-image';
import { useEffect, useState } from 'react';
import { View } from 'react-native';
import { useUploadProgress } from '../../data/use-upload-progress.ts';
import { useServerUrl } from '../../messenger/messenger-provider.tsx';
import { openKeptFile } from '../../platform/files.ts';
import { FileCard } from '../../ui/file-card.tsx';
import { formatBytes } from '../../ui/format-size.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { ALBUM_TILE, mediaSize } from './media-size.ts';

/** What a message that waits carries: as it will look, with how far each file is. */
export function PendingAttachments({ uploads, state }: { uploads: readonly PendingUpload[]; state: SendState }) {
  const styles = useStyles();
  const media = uploads.filter(isMedia);
  return (
    <View style={styles.block}>
      {media.length > 0 ? (
        <View style={styles.album}>
          {media.map((upload) => (
            <PendingTile key={upload.fileId} upload={upload} isAlone={media.length === 1} state={state} />
          ))}
        </View>
      ) : null}
      {uploads
        .filter((upload) => !isMedia(upload))
        .map((upload) => (
          <FileCard key={upload.fileId} name={upload.name} mime={upload.mime} sizeBytes={upload.sizeBytes} isMine state={<Progress upload={upload} state={state} />} />
        ))}
    </View>
  );
}

function isMedia({ mime }: PendingUpload): boolean {
  return mime.startsWith('image/') || mime.startsWith('video/');
}

function PendingTile({ upload, isAlone, state }: { upload: PendingUpload; isAlone: boolean; state: SendState }) {
  const styles = useStyles();
  const url = useKeptFile(upload.fileId);
  const size = isAlone ? mediaSize(upload.width, upload.height) : { width: ALBUM_TILE, height: ALBUM_TILE };
  // As wide as the words under it, and as high as was announced.
  const frame = isAlone ? { minWidth: size.width, height: size.height, flexGrow: 1 } : size;
  const isImage = upload.mime.startsWith('image/');
  const shown = isImage ? url : upload.poster === undefined ? null : `data:image/jpeg;base64,${upload.poster}`;
  return (
    <View style={[styles.tile, frame]} aria-label={`${isImage ? 'Picture' : 'Video'} ${upload.name}`} testID="pending-attachment">
      {shown === null ? null : <Image source={{ uri: shown }} contentFit="cover" style={styles.fill} accessible={false} />}
      <View style={styles.state}>
        <Progress upload={upload} state={state} />
      </View>
    </View>
  );
}

/** Renders itself alone as it goes on: never the row, never the list. */
function Progress({ upload, state }: { upload: PendingUpload; state: SendState }) {
  const progress = useUploadProgress(upload.fileId);
  return (
    <Text size="caption" color="onMedia" numberOfLines={1} testID="upload-progress">
      {wordsOf(upload, state, progress)}
    </Text>
  );
}

function wordsOf({ attachment, sizeBytes }: PendingUpload, state: SendState, progress: number | null): string {
  if (state.status === 'failed') return 'Not sent';
  if (attachment !== null) return formatBytes(sizeBytes);
  if (progress === null) return `Waiting · ${formatBytes(sizeBytes)}`;
  return progress < 1 ? `${Math.floor(progress * 100)} % of ${formatBytes(sizeBytes)}` : 'Finishing';
}

/** The app's own copy, as long as this is on screen. */
function useKeptFile(fileId: string): string | null {
  const serverUrl = useServerUrl();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let isShown = true;
    let release: (() => void) | undefined;
    openKeptFile(serverUrl, fileId)
      .then((opened) => {
        release = opened?.release;
        if (isShown) setUrl(opened?.url ?? null);
        else release?.();
      })
      // Without it there is the empty frame, which has the right size.
      .catch(() => setUrl(null));
    return () => {
      isShown = false;
      release?.();
    };
  }, [serverUrl, fileId]);
  return url;
}

const GAP = 3;

const useStyles = createStyles((colors) => ({
  block: { gap: SPACE.xs, marginBottom: 2 },
  album: { flexDirection: 'row', flexWrap: 'wrap', gap: GAP, maxWidth: ALBUM_TILE * 2 + GAP, marginHorizontal: -SPACE.s, marginTop: -2 },
  tile: { borderRadius: RADIUS.m, overflow: 'hidden', backgroundColor: colors.mediaShade, maxWidth: '100%', justifyContent: 'flex-end' },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  state: { alignSelf: 'flex-start', margin: SPACE.s, paddingHorizontal: SPACE.s, borderRadius: RADIUS.m, backgroundColor: colors.mediaShade },
}));
