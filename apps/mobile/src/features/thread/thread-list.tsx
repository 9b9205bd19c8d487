import type { ReadingPlace } from '@couplet/client';
import type { Conversation, Message, UserId } from '@couplet/protocol';
import { memo, type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { View } from 'react-native';
import type { ChatThread } from '../../data/use-chat-thread.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import type { MenuAnchor } from '../../ui/menu.tsx';
import { type InitialPosition, MessageList, type MessageListHandle } from '../../ui/message-list/message-list.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { FloatingDay, type FloatingDayHandle } from './floating-day.tsx';
import { JumpButton } from './jump-button.tsx';
import { type ThreadActions, ThreadRowView } from './message-row.tsx';
import { type BubbleRow, type ThreadRow, UNREAD_KEY } from './thread-rows.ts';
import { useFlash } from './use-flash.ts';
import { useMarkRead } from './use-mark-read.ts';
import { useKeptPlace } from './use-kept-place.ts';

export interface ThreadListHandle {
  showEnd: () => void;
  scrollByPage: (direction: -1 | 1) => void;
}

export interface ThreadListProps {
  conversation: Conversation;
  thread: ChatThread;
  rows: readonly ThreadRow[];
  viewerId: UserId;
  atSeq: number | null;
  asked: string;
  opensAtUnread: boolean;
  /** Where reading was left, if it opens there. */
  place: ReadingPlace | null;
  onOpenMenu: (row: BubbleRow, anchor: MenuAnchor) => void;
  onReply: (message: Message) => void;
  onReact: (message: Message, emoji: string) => void;
  onFailure: (error: unknown) => void;
  ref?: Ref<ThreadListHandle>;
}

const keyOf = (row: ThreadRow) => row.key;
const typeOf = (row: ThreadRow) => row.type;
/** A day's mark moves up when older messages of that day come, and nothing holds the typing dots. */
const staysBetweenNeighbours = (row: ThreadRow) => row.type === 'message' || row.type === 'pending';

/** Where the list opens when the thread is read at another place. */
type Opening = { at: 'end' } | { at: 'unread' } | { at: 'seq'; seq: number } | { at: 'place'; place: ReadingPlace };

/** What was said, with the button that leads back to the end. What happens beside it, as a message being sent, renders none of it. */
export const ThreadList = memo(function ThreadList({ conversation, thread, rows, viewerId, atSeq, asked, opensAtUnread, place, onOpenMenu, onReply, onReact, onFailure, ref }: ThreadListProps) {
  const list = useRef<MessageListHandle>(null);
  const floatingDay = useRef<FloatingDayHandle>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [opening, setOpening] = useState<Opening>(() => openingAt(atSeq, opensAtUnread, place));
  const { flashedKey, flash } = useFlash();
  const tellVisible = useMarkRead(conversation, rows);
  const { goTo, messages, reachesEnd, status, visit } = thread;
  const peerName = conversation.peer.name;
  const { moved, firstVisible, atEnd } = useKeptPlace(conversation.id, rows, reachesEnd, list);

  const latest = useRef({ messages, goTo });
  useEffect(() => {
    latest.current = { messages, goTo };
  }, [messages, goTo]);

  const showMessage = useCallback(
    (seq: number) => {
      const key = keyAt(latest.current.messages, seq);
      if (key !== null && list.current?.scrollToKey(key, true)) {
        flash(key);
        return;
      }
      setOpening({ at: 'seq', seq });
      latest.current.goTo({ at: 'around', seq }).catch(onFailure);
    },
    [flash, onFailure],
  );

  function showEnd() {
    if (reachesEnd) {
      // At the end the list takes the reader along by itself; a way there would be measured for nothing.
      if (!isAtEnd) list.current?.scrollToEnd(true);
    } else {
      setOpening({ at: 'end' });
      goTo({ at: 'end' }).catch(onFailure);
    }
  }
  useImperativeHandle(ref, () => ({ showEnd, scrollByPage: (direction) => list.current?.scrollByPage(direction) }));

  const openedKey = opening.at === 'seq' ? keyAt(messages, opening.seq) : null;
  useEffect(() => {
    if (openedKey !== null) flash(openedKey);
  }, [openedKey, visit, flash]);
  // The thread opens at the message it was asked for; another one asked for later is gone to, and the same one again.
  const shown = useRef({ atSeq, asked });
  const isLoaded = status === 'success';
  useEffect(() => {
    if (!isLoaded || (atSeq === shown.current.atSeq && asked === shown.current.asked)) return;
    shown.current = { atSeq, asked };
    if (atSeq !== null) showMessage(atSeq);
  }, [atSeq, asked, isLoaded, showMessage]);

  const actions = useMemo<ThreadActions>(
    () => ({ viewerId, peerName, openMenu: onOpenMenu, showMessage, reply: onReply, toggleReaction: onReact }),
    [viewerId, peerName, onOpenMenu, onReply, showMessage, onReact],
  );
  const renderRow = useCallback((row: ThreadRow) => <ThreadRowView row={row} actions={actions} isFlashed={row.key === flashedKey} />, [actions, flashedKey]);

  if (!isLoaded) return <View style={{ flex: 1 }} />;
  if (rows.length === 0) {
    return <EmptyState icon="message-circle" title={`Say hello to ${peerName}`} detail="Only the two of you can read what is written here." />;
  }
  return (
    <View style={{ flex: 1, minHeight: 0 }}>
      <MessageList
        key={visit}
        ref={list}
        rows={rows}
        keyOf={keyOf}
        typeOf={typeOf}
        staysBetweenNeighbours={staysBetweenNeighbours}
        renderRow={renderRow}
        initialPosition={positionOf(opening, messages)}
        followsEnd={reachesEnd}
        onReachStart={thread.loadOlder}
        onReachEnd={thread.loadNewer}
        onMove={moved}
        onVisibleRows={(firstKey, lastKey) => {
          firstVisible(firstKey);
          tellVisible(lastKey);
          floatingDay.current?.follow(isAtEnd ? null : (rows.find((row) => row.key === firstKey) ?? null));
        }}
        onAtEndChange={(isAtEndNow) => {
          setIsAtEnd(isAtEndNow);
          atEnd(isAtEndNow);
        }}
        header={<ThreadStart thread={thread} />}
        footer={FOOTER}
        label={`Messages with ${peerName}`}
        testID="message-list"
      />
      <FloatingDay ref={floatingDay} />
      {isAtEnd && reachesEnd ? null : <JumpButton unreadCount={conversation.unreadCount} onPress={showEnd} />}
    </View>
  );
});

const FOOTER = <View style={{ height: SPACE.m }} />;

/** Above the first message: room, or the way out when older ones could not be read. */
function ThreadStart({ thread }: { thread: ChatThread }) {
  if (!thread.olderFailed) return <View style={{ height: SPACE.m }} />;
  return (
    <View style={{ alignItems: 'center', padding: SPACE.m }}>
      <Button kind="plain" icon="rotate-cw" label="Older messages could not be loaded. Try again" onPress={thread.loadOlder} />
    </View>
  );
}

function keyAt(messages: readonly Message[], seq: number): string | null {
  return messages.find((message) => message.seq === seq)?.clientMsgId ?? null;
}

function openingAt(atSeq: number | null, opensAtUnread: boolean, place: ReadingPlace | null): Opening {
  if (atSeq !== null) return { at: 'seq', seq: atSeq };
  if (opensAtUnread) return { at: 'unread' };
  return place === null ? { at: 'end' } : { at: 'place', place };
}

function positionOf(opening: Opening, messages: readonly Message[]): InitialPosition {
  switch (opening.at) {
    case 'end':
      return { at: 'end' };
    case 'unread':
      return { at: 'row', key: UNREAD_KEY };
    case 'seq': {
      const key = keyAt(messages, opening.seq);
      return key === null ? { at: 'end' } : { at: 'row', key };
    }
    case 'place': {
      const key = keyAt(messages, opening.place.seq);
      return key === null ? { at: 'end' } : { at: 'row', key, offset: opening.place.offset };
    }
  }
}
