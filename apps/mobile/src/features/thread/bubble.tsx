import type { ReplyPreview } from '@couplet/protocol';
import type { ReactNode } from 'react';
import { I18nManager, View, type ViewStyle } from 'react-native';
import { useTextScale } from '../../platform/text-scale.ts';
import { madeStyles } from '../../ui/made-styles.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE, scaledType } from '../../ui/tokens.ts';
import { BubbleMeta, metaRoom } from './bubble-meta.tsx';
import { isEmojiOnly, isRightToLeft } from './message-text.ts';
import { MEDIA_WIDTH } from './media-size.ts';
import { MessageWords } from './message-words.tsx';
import { Quote } from './quote.tsx';
import type { BubblePlace } from './thread-rows.ts';

export interface BubbleProps {
  /** `null`: a tombstone. */
  text: string | null;
  at: number;
  isEdited: boolean;
  place: BubblePlace;
  reply: { preview: ReplyPreview; author: string; onPress: () => void } | null;
  /** Pictures and files, above the words; `null` where there are none. */
  media: ReactNode;
}

/** What one person said: words, the message they answer, time and ticks. */
export function Bubble({ text, at, isEdited, place, reply, media }: BubbleProps) {
  const styles = useStyles();
  const { isMine, showsMeta, tick } = place;
  const scale = useTextScale();
  const room = showsMeta ? metaRoom({ at, tick, isEdited, scale }) : null;
  const ink = isMine ? 'bubbleMineText' : 'text';

  if (text !== null && !reply && !media && isEmojiOnly(text)) {
    return (
      <View style={isMine ? styles.bareMine : styles.bare}>
        <Text style={styles.emoji}>{text.trim()}</Text>
        {showsMeta ? <BubbleMeta at={at} tick={tick} isEdited={isEdited} color="textSecondary" ground="surface" /> : null}
      </View>
    );
  }
  // The time stands where lines of the interface's own direction end; those of the other one begin there.
  const endsAtMeta = text === null || isRightToLeft(text) === I18nManager.getConstants().isRTL;
  const faint = isMine && text !== null ? 'bubbleMineFaint' : 'textSecondary';
  return (
    <View style={[styles.bubble, isMine ? styles.mine : styles.peers, text === null ? styles.deleted : null, media ? styles.withMedia : null, corners(place)]}>
      {reply ? <Quote reply={reply.preview} author={reply.author} isMine={isMine} onPress={reply.onPress} /> : null}
      {media}
      <Text size="large" color={text === null ? faint : ink} style={[styles.words, text === null ? styles.tombstone : null]} selectable>
        {text === null ? 'Message deleted' : <MessageWords text={text} />}
        {/* Keeps the end of the last line free for time and ticks; where there is no room it makes a line for them. */}
        {room !== null && endsAtMeta ? <View style={roomStyle(room.width)} /> : null}
      </Text>
      {room !== null && !endsAtMeta ? <View style={room} /> : null}
      {showsMeta ? <BubbleMeta at={at} tick={tick} isEdited={isEdited} color={faint} ground={text === null ? 'surface' : 'bubble'} style={styles.meta} /> : null}
    </View>
  );
}

const roomStyle = madeStyles<number, ViewStyle>(String, (width) => ({ width, height: 1 }));

/** Round where a group begins and ends, tight within it, one tail at its end. */
const corners = madeStyles<BubblePlace, ViewStyle>(
  ({ isMine, groupStart, groupEnd }) => `${isMine} ${groupStart} ${groupEnd}`,
  ({ isMine, groupStart, groupEnd }) => {
    const [near, tail] = [6, 4];
    return isMine
      ? { borderTopEndRadius: groupStart ? RADIUS.l : near, borderBottomEndRadius: groupEnd ? tail : near }
      : { borderTopStartRadius: groupStart ? RADIUS.l : near, borderBottomStartRadius: groupEnd ? tail : near };
  },
);

/** Web: a long word without a gap breaks instead of widening the bubble. */
const BREAK_ANYWHERE: object = { overflowWrap: 'anywhere' };

const useStyles = createStyles((colors) => ({
  bubble: { borderRadius: RADIUS.l, paddingHorizontal: SPACE.m, paddingTop: 7, paddingBottom: 8, maxWidth: '100%' },
  mine: { backgroundColor: colors.bubbleMine },
  peers: { backgroundColor: colors.bubblePeer },
  // Words under a picture are as wide as it.
  withMedia: { maxWidth: MEDIA_WIDTH + SPACE.m * 2 },
  words: { ...scaledType(16, 22), ...BREAK_ANYWHERE },
  deleted: { backgroundColor: colors.sunken },
  tombstone: { fontStyle: 'italic' },
  meta: { position: 'absolute', end: 11, bottom: 6 },
  bare: { alignItems: 'flex-start', paddingHorizontal: SPACE.xs },
  bareMine: { alignItems: 'flex-end', paddingHorizontal: SPACE.xs },
  emoji: scaledType(44, 54),
}));
