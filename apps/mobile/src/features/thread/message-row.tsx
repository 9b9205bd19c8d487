import type { PendingMessage } from '@couplet/client';
import type { Message, ReplyPreview, UserId } from '@couplet/protocol';
import { type ReactNode, useRef } from 'react';
import { type GestureResponderEvent, Pressable, View } from 'react-native';
import { contextMenuProps } from '../../platform/context-menu.ts';
import { hasFinePointer } from '../../platform/pointer.ts';
import { RowButton } from '../../platform/row-button.tsx';
import { glyphOf, Icon } from '../../ui/icon.tsx';
import { anchorOf, type MenuAnchor } from '../../ui/menu.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles, useTheme } from '../../ui/theme.tsx';
import { RADIUS, SPACE, THREAD_COLUMN_WIDTH } from '../../ui/tokens.ts';
import { Attachments } from './attachments.tsx';
import { Bubble } from './bubble.tsx';
import { BubblePress, LONG_PRESS_MS } from './bubble-press.ts';
import { PendingAttachments } from './pending-attachments.tsx';
import { Reactions } from './reactions.tsx';
import { SwipeToReply } from './swipe-to-reply.tsx';
import { DayMark, TypingMark, UnreadMark } from './thread-marks.tsx';
import type { BubblePlace, BubbleRow, ThreadRow } from './thread-rows.ts';

/** What rows ask of the thread. One object for the life of the thread, so that no row renders for it. */
export interface ThreadActions {
  viewerId: UserId;
  peerName: string;
  openMenu: (row: BubbleRow, anchor: MenuAnchor) => void;
  showMessage: (seq: number) => void;
  reply: (message: Message) => void;
  toggleReaction: (message: Message, emoji: string) => void;
}

export function ThreadRowView({ row, actions, isFlashed }: { row: ThreadRow; actions: ThreadActions; isFlashed: boolean }) {
  const styles = useStyles();
  switch (row.type) {
    case 'day':
      return (
        <View style={styles.column}>
          <DayMark at={row.at} />
        </View>
      );
    case 'unread-divider':
      return (
        <View style={styles.column}>
          <UnreadMark count={row.count} />
        </View>
      );
    case 'typing':
      return (
        <View style={styles.column}>
          <TypingMark />
        </View>
      );
    case 'message':
      return (
        <BubbleLine row={row} actions={actions} isFlashed={isFlashed}>
          <StoredBubble message={row.message} place={row.place} actions={actions} />
        </BubbleLine>
      );
    case 'pending':
      return (
        <BubbleLine row={row} actions={actions} isFlashed={false}>
          <PendingBubble pending={row.pending} place={row.place} actions={actions} />
        </BubbleLine>
      );
  }
}

function BubbleLine({ row, actions, isFlashed, children }: { row: BubbleRow; actions: ThreadActions; isFlashed: boolean; children: ReactNode }) {
  const styles = useStyles();
  const { colors } = useTheme();
  const { isMine, groupEnd } = row.place;
  const open = (anchor: MenuAnchor) => actions.openMenu(row, anchor);
  const hasOpened = useRef(false);
  const failure = failureWords(row);
  const line = [styles.column, groupEnd ? styles.last : styles.within, isMine ? styles.mine : styles.peers];
  const bubble = (
    <View style={[styles.bubble, isFlashed ? styles.flashed : null]} {...contextMenuProps(open)}>
      {children}
    </View>
  );
  if (hasFinePointer()) {
    return (
      <View style={line} role="listitem" testID={`message-${row.key}`} {...LINE}>
        <View style={[styles.withButton, isMine ? styles.buttonBefore : styles.buttonBehind]}>
          {bubble}
          <RowButton
            {...MENU_GLYPH}
            label="Message actions"
            color={colors.textSecondary}
            lit={colors.hover}
            onPress={(event) => open(anchorOf(event as GestureResponderEvent))}
            testID={`message-menu-${row.key}`}
          />
        </View>
        {failure === null ? null : <FailedNote words={failure} onPress={open} />}
      </View>
    );
  }
  // One tree for what waits and what is stored: a picture in it is not drawn anew when it arrives.
  const reply = row.type === 'message' && row.message.deletedAt === undefined ? () => actions.reply(row.message) : null;
  const openHere = (event: GestureResponderEvent) => {
    hasOpened.current = true;
    open(anchorOf(event));
  };
  return (
    <View style={line} testID={`message-${row.key}`}>
      <SwipeToReply style={styles.touch} onReply={reply} hasOpened={hasOpened}>
        <Pressable onLongPress={openHere} delayLongPress={LONG_PRESS_MS} accessibilityActions={MENU_ACTIONS} onAccessibilityAction={() => open({ x: 0, y: 0 })}>
          <BubblePress value={openHere}>{bubble}</BubblePress>
        </Pressable>
      </SwipeToReply>
      {failure === null ? null : <FailedNote words={failure} onPress={open} />}
    </View>
  );
}

/** `data-line`, for the style sheet in public/index.html. */
const LINE = { dataSet: { line: '' } };
const MENU_GLYPH = glyphOf('more-horizontal');
const MENU_ACTIONS = [{ name: 'activate', label: 'Message actions' }];

function StoredBubble({ message, place, actions }: { message: Message; place: BubblePlace; actions: ThreadActions }) {
  const isDeleted = message.deletedAt !== undefined;
  return (
    <>
      <Bubble
        text={isDeleted ? null : (message.text ?? '')}
        at={Date.parse(message.createdAt)}
        isEdited={message.editedAt !== undefined && !isDeleted}
        place={place}
        reply={isDeleted ? null : replyOf(message.replyTo, actions)}
        media={message.attachments.length > 0 ? <Attachments message={message} isMine={place.isMine} /> : null}
      />
      {message.reactions.length > 0 ? (
        <Reactions reactions={message.reactions} viewerId={actions.viewerId} onToggle={(emoji) => actions.toggleReaction(message, emoji)} />
      ) : null}
    </>
  );
}

function PendingBubble({ pending, place, actions }: { pending: PendingMessage; place: BubblePlace; actions: ThreadActions }) {
  const { isDeleted, uploads } = pending;
  return (
    <Bubble
      text={isDeleted ? null : pending.text}
      at={pending.createdAt}
      isEdited={false}
      place={place}
      reply={isDeleted ? null : replyOf(pending.replyTo, actions)}
      media={!isDeleted && uploads ? <PendingAttachments pending={pending} uploads={uploads} /> : null}
    />
  );
}

function replyOf(preview: ReplyPreview | undefined, actions: ThreadActions) {
  if (!preview) return null;
  return { preview, author: preview.senderId === actions.viewerId ? 'You' : actions.peerName, onPress: () => actions.showMessage(preview.seq) };
}

/** What of this message the server refused; `null` when nothing is wrong. */
function failureWords(row: BubbleRow): string | null {
  if (row.type === 'pending') return row.pending.state.status === 'failed' ? 'Not sent' : null;
  switch (row.failure?.type) {
    case 'edit':
      return 'Edit not saved';
    case 'delete':
      return 'Not deleted';
    case 'reaction':
      return 'Reaction not saved';
    case undefined:
      return null;
  }
}

function FailedNote({ words, onPress }: { words: string; onPress: (anchor: MenuAnchor) => void }) {
  const styles = useStyles();
  return (
    <Pressable
      role="button"
      aria-label={`${words}. Options`}
      hitSlop={12}
      onPress={(event) => onPress(anchorOf(event))}
      style={styles.failed}
      testID="message-failed"
    >
      <Icon name="alert-circle" size={14} color="danger" />
      <Text size="caption" weight="500" color="danger">
        {words}. Tap for options
      </Text>
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  column: { width: '100%', maxWidth: THREAD_COLUMN_WIDTH, alignSelf: 'center', paddingHorizontal: SPACE.m },
  // Below, not above: older messages that come in front make no row of those that are read higher or lower.
  last: { paddingBottom: SPACE.s },
  within: { paddingBottom: 2 },
  mine: { alignItems: 'flex-end' },
  peers: { alignItems: 'flex-start' },
  buttonBefore: { flexDirection: 'row-reverse' },
  buttonBehind: { flexDirection: 'row' },
  withButton: { alignItems: 'center', gap: SPACE.xs, maxWidth: '88%' },
  touch: { maxWidth: '84%' },
  bubble: { flexShrink: 1, minWidth: 0, borderRadius: RADIUS.l },
  flashed: { boxShadow: `0 0 0 3px ${colors.accent}` },
  failed: { flexDirection: 'row', alignItems: 'center', gap: 4, paddingTop: 3, paddingBottom: SPACE.xs, paddingHorizontal: 4 },
}));
