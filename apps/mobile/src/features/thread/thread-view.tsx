import type { OutgoingFile, ReadingPlace } from '@couplet/client';
import type { Conversation, Message, MessageId } from '@couplet/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import type { ThreadPageParam } from '../../data/thread-pages.ts';
import { useChatThread } from '../../data/use-chat-thread.ts';
import { useOpenConversation } from '../../data/use-open-conversation.ts';
import { useSendMessage } from '../../data/use-send-message.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { subscribeToShortcut } from '../../platform/shortcuts.ts';
import { useAppSelector } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { NoticeLine } from '../../ui/notice-line.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { useIsTwoPane } from '../../ui/two-pane.tsx';
import { BlockedBar } from './blocked-bar.tsx';
import { Composer, type ComposerHandle } from './composer.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { ForwardSheet } from './forward-sheet.tsx';
import { MessageInfo } from './message-info.tsx';
import { MessageMenu } from './message-menu.tsx';
import { ThreadList, type ThreadListHandle } from './thread-list.tsx';
import { useThreadMenu } from './use-thread-menu.ts';
import { useThreadRows } from './use-thread-rows.ts';

export interface ThreadViewProps {
  conversation: Conversation;
  /** Where reading was left, when the thread is opened; `null` at the end. */
  left: ReadingPlace | null;
  atSeq: number | null;
  /** Changes when `atSeq` is asked for again. */
  asked: string;
  isFocused: boolean;
  onLeave: () => void;
}

const WRITE: ComposerMode = { type: 'write' };

/** The list, the composer, and what passes between them. */
export function ThreadView({ conversation, left, atSeq, asked, isFocused, onLeave }: ThreadViewProps) {
  const styles = useStyles();
  const messenger = useMessenger();
  const isTwoPane = useIsTwoPane();
  const viewerId = useAppSelector((state) => state.auth.viewer?.id);
  // As it was when the thread was opened: the divider stays where it was while one reads past it.
  const [unread, setUnread] = useState(() => (conversation.unreadCount > 0 ? { afterSeq: conversation.readSeq, count: conversation.unreadCount } : null));
  // What was not read yet comes before where one was.
  const [place] = useState(() => (atSeq === null && unread === null ? left : null));
  const thread = useChatThread(conversation.id, openingOf(atSeq, place), conversation.lastSeq);
  const rows = useThreadRows(conversation, thread, unread);
  const [mode, setMode] = useState<ComposerMode>(WRITE);
  const [failure, setFailure] = useState<unknown>(null);
  const [toDelete, setToDelete] = useState<Message | null>(null);
  const [toForward, setToForward] = useState<Message | null>(null);
  const [infoOf, setInfoOf] = useState<MessageId | null>(null);
  const told = thread.messages.find(({ id }) => id === infoOf);
  const list = useRef<ThreadListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const menu = useThreadMenu();
  const open = useOpenConversation();
  const closeInfo = useCallback(() => setInfoOf(null), []);
  const fail = useCallback((error: unknown) => setFailure(error), []);
  const send = useSendMessage(conversation.id, (input, error) => {
    composer.current?.restore(input.text ?? '');
    fail(error);
  });

  useEffect(() => {
    if (failure === null) return;
    const timer = setTimeout(() => setFailure(null), FAILURE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [failure]);
  // Escape closes what lies over the thread first.
  const isUncovered = menu.opened === null && toDelete === null && toForward === null && infoOf === null;
  useEffect(() => (isTwoPane && isFocused && isUncovered ? subscribeToShortcut('escape', onLeave) : undefined), [isTwoPane, isFocused, isUncovered, onLeave]);

  async function submit(text: string): Promise<void> {
    setMode(WRITE);
    if (mode.type === 'edit') {
      if (text !== mode.message.text) await messenger.messages.edit(mode.message.id, text).catch(fail);
      return;
    }
    const written = send(mode.type === 'reply' ? { text, replyTo: mode.message, clearsDraft: true } : { text, clearsDraft: true });
    setUnread(null);
    list.current?.showEnd();
    await written;
  }

  function sendFiles(files: readonly OutgoingFile[], caption: string) {
    void send({ files, ...(caption ? { text: caption } : {}), ...(mode.type === 'reply' ? { replyTo: mode.message } : {}) });
    setUnread(null);
    list.current?.showEnd();
    setMode(WRITE);
  }

  function editLast() {
    const last = rows.findLast((row) => (row.type === 'message' ? row.message.senderId === viewerId && row.message.type === 'text' && !row.message.deletedAt : row.type === 'pending' && !row.pending.isDeleted));
    if (last?.type === 'message') setMode({ type: 'edit', message: last.message });
    if (last?.type === 'pending') setMode({ type: 'edit', message: { id: last.pending.clientMsgId, text: last.pending.text } });
  }

  const peerName = conversation.peer.name;
  const reply = useCallback((message: Message) => setMode({ type: 'reply', message, author: message.senderId === viewerId ? 'yourself' : peerName }), [viewerId, peerName]);
  const react = useCallback(
    (message: Message, emoji: string) => {
      const own = message.reactions.find((reaction) => reaction.userId === viewerId)?.emoji;
      messenger.messages.react(message.id, own === emoji ? null : emoji).catch(fail);
    },
    [messenger, viewerId, fail],
  );

  if (!viewerId) return null;
  if (thread.status === 'error') {
    return <EmptyState icon="cloud-off" title="The messages could not be loaded" action={{ label: 'Try again', onPress: thread.reload }} />;
  }
  return (
    <View style={styles.thread}>
      <ThreadList
        ref={list}
        conversation={conversation}
        thread={thread}
        rows={rows}
        viewerId={viewerId}
        atSeq={atSeq}
        asked={asked}
        opensAtUnread={unread !== null}
        place={place}
        onOpenMenu={menu.open}
        onReply={reply}
        onReact={react}
        onFailure={fail}
      />
      {failure === null ? null : <NoticeLine text={errorText(failure)} testID="thread-failure" />}
      {conversation.blocked ? (
        <BlockedBar peer={conversation.peer} onFailure={fail} />
      ) : (
        <Composer
          ref={composer}
          conversation={conversation}
          mode={mode}
          onSubmit={submit}
          onSendFiles={sendFiles}
          onFailure={fail}
          onCancelMode={() => setMode(WRITE)}
          onEditLast={editLast}
          onScrollByPage={(direction) => list.current?.scrollByPage(direction)}
        />
      )}
      {menu.opened ? (
        <MessageMenu
          row={menu.opened.row}
          anchor={menu.opened.anchor}
          viewerId={viewerId}
          onClose={menu.close}
          onReply={reply}
          onEdit={(message) => setMode({ type: 'edit', message })}
          onDelete={setToDelete}
          onForward={setToForward}
          onInfo={({ id }) => setInfoOf(id)}
          onReact={react}
          onFailure={fail}
        />
      ) : null}
      {told ? <MessageInfo message={told} conversation={conversation} onClose={closeInfo} /> : null}
      {toForward ? (
        <ForwardSheet
          message={toForward}
          onClose={() => setToForward(null)}
          onForwarded={(id) => {
            setToForward(null);
            if (id === conversation.id) list.current?.showEnd();
            else open(id);
          }}
        />
      ) : null}
      {toDelete ? (
        <Dialog
          title="Delete this message?"
          detail={`It disappears for you and for ${conversation.peer.name}.`}
          confirm={{ label: 'Delete', danger: true, testID: 'confirm-delete', onPress: () => void messenger.messages.delete(toDelete.id).catch(fail) }}
          onClose={() => setToDelete(null)}
        />
      ) : null}
    </View>
  );
}

function openingOf(atSeq: number | null, place: ReadingPlace | null): ThreadPageParam {
  if (atSeq !== null) return { at: 'around', seq: atSeq };
  return place === null ? { at: 'open' } : { at: 'place', seq: place.seq };
}

/** Long enough to read a sentence; what failed stays as it was and can be tried again. */
const FAILURE_SHOWN_MS = 6_000;

const useStyles = createStyles(() => ({ thread: { flex: 1, minHeight: 0 } }));
