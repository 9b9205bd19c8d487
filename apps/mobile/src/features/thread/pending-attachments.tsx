import type { PendingMessage, PendingUpload, SendState } from '@couplet/client';
import { useEffect, useState } from 'react';
import { Pressable, View } from 'react-native';
import { sentPictures } from '../../data/sent-pictures.ts';
import { useUploadProgress } from '../../data/use-upload-progress.ts';
import { useUploadsHeld } from '../../data/use-uploads-held.ts';
import { useMessenger, useServerUrl } from '../../messenger/messenger-provider.tsx';
import { Picture } from '../../platform/picture.tsx';
import { openKeptFile } from '../../platform/files.ts';
import { FileCard } from '../../ui/file-card.tsx';
import { formatBytes } from '../../ui/format-size.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import { ALBUM_GAP, tileFrame, type TileShape, tileShape } from './media-size.ts';

/** Held: the connection is metered, and the person wants files to wait. */
type TileState = SendState | { status: 'held' };

/** Among the files of its message. */
interface PlaceOfFile {
  clientMsgId: string;
  index: number;
}

/** What a message that waits carries: as it will look, with how far each file is. */
export function PendingAttachments({ pending, uploads }: { pending: PendingMessage; uploads: readonly PendingUpload[] }) {
  const styles = useStyles();
  const areHeld = useUploadsHeld();
  const isHeld = areHeld && pending.sendsAnyway !== true && uploads.some(({ attachment }) => attachment === null);
  const state: TileState = isHeld && pending.state.status === 'queued' ? { status: 'held' } : pending.state;
  const media = uploads.filter(isMedia);
  const { clientMsgId } = pending;
  return (
    <View style={styles.block}>
      {media.length > 0 ? (
        <View style={styles.album}>
          {media.map((upload, index) => (
            <PendingTile key={upload.fileId} upload={upload} place={{ clientMsgId, index: uploads.indexOf(upload) }} shape={tileShape(index, media.length)} state={state} />
          ))}
        </View>
      ) : null}
      {uploads
        .filter((upload) => !isMedia(upload))
        .map((upload) => (
          <FileCard key={upload.fileId} name={upload.name} mime={upload.mime} sizeBytes={upload.sizeBytes} isMine state={<Progress upload={upload} state={state} />} />
        ))}
      {state.status === 'held' ? <SendAnyway pending={pending} /> : null}
    </View>
  );
}

function isMedia({ mime }: PendingUpload): boolean {
  return mime.startsWith('image/') || mime.startsWith('video/');
}

function PendingTile({ upload, place, shape, state }: { upload: PendingUpload; place: PlaceOfFile; shape: TileShape; state: TileState }) {
  const styles = useStyles();
  const url = useKeptFile(upload.fileId, place);
  const isImage = upload.mime.startsWith('image/');
  const shown = isImage ? url : upload.poster === undefined ? null : `data:image/jpeg;base64,${upload.poster}`;
  return (
    <View style={[styles.tile, tileFrame(shape, upload.width, upload.height)]} aria-label={`${isImage ? 'Picture' : 'Video'} ${upload.name}`} testID="pending-attachment">
      {shown === null ? null : <Picture uri={shown} fit="cover" style={styles.fill} />}
      <View style={styles.state}>
        <Progress upload={upload} state={state} />
      </View>
    </View>
  );
}

/** The way out of waiting, for this message alone. */
function SendAnyway({ pending }: { pending: PendingMessage }) {
  const styles = useStyles();
  const messenger = useMessenger();
  // It left the outbox meanwhile: what was wanted is done.
  const send = () => void messenger.uploads.sendAnyway(pending.clientMsgId).catch(() => undefined);
  return (
    <Pressable role="button" aria-label="Send anyway, over mobile data" onPress={send} style={({ pressed }) => [styles.anyway, pressed ? styles.lit : null]} testID="send-anyway">
      <Text size="small" weight="600" color="bubbleMineText">
        Send anyway
      </Text>
    </Pressable>
  );
}

/** Renders itself alone as it goes on: never the row, never the list. */
function Progress({ upload, state }: { upload: PendingUpload; state: TileState }) {
  const progress = useUploadProgress(upload.fileId);
  return (
    <Text size="caption" color="onMedia" numberOfLines={1} testID="upload-progress">
      {wordsOf(upload, state, progress)}
    </Text>
  );
}

function wordsOf({ attachment, sizeBytes }: PendingUpload, state: TileState, progress: number | null): string {
  if (state.status === 'failed') return 'Not sent';
  if (attachment !== null) return formatBytes(sizeBytes);
  if (state.status === 'held') return 'Waiting for Wi-Fi';
  if (progress === null) return `Waiting · ${formatBytes(sizeBytes)}`;
  return progress < 1 ? `${Math.floor(progress * 100)} % of ${formatBytes(sizeBytes)}` : 'Finishing';
}

/** The app's own copy: of what was sent it is shown until the server's is here. */
function useKeptFile(fileId: string, { clientMsgId, index }: PlaceOfFile): string | null {
  const serverUrl = useServerUrl();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let isShown = true;
    let leave: (() => void) | undefined;
    openKeptFile(serverUrl, fileId)
      .then((opened) => {
        if (opened === null) return;
        leave = sentPictures.hold(clientMsgId, index, opened);
        if (isShown) setUrl(opened.url);
        else leave();
      })
      // Without it there is the empty frame, which has the right size.
      .catch(() => setUrl(null));
    return () => {
      isShown = false;
      leave?.();
    };
  }, [serverUrl, fileId, clientMsgId, index]);
  return url;
}

const useStyles = createStyles((colors) => ({
  block: { gap: SPACE.xs, marginBottom: 2 },
  album: { flexDirection: 'row', flexWrap: 'wrap', gap: ALBUM_GAP, marginHorizontal: -SPACE.s, marginTop: -2 },
  tile: { borderRadius: RADIUS.m, overflow: 'hidden', backgroundColor: colors.mediaShade, maxWidth: '100%', justifyContent: 'flex-end' },
  anyway: { minHeight: TOUCH_TARGET, alignItems: 'center', justifyContent: 'center', borderRadius: RADIUS.m, backgroundColor: colors.bubbleMineQuote },
  lit: { opacity: 0.7 },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  state: { alignSelf: 'flex-start', margin: SPACE.s, paddingHorizontal: SPACE.s, borderRadius: RADIUS.m, backgroundColor: colors.mediaShade },
}));
