import type { ConversationId } from '@couplet/protocol';
import { useIsFocused } from 'expo-router/react-navigation';
import { useRouter } from 'expo-router';
import { useEffect, useRef, useState } from 'react';
import { View } from 'react-native';
import { useConversation } from '../../data/use-chat-list.ts';
import { useReadingPlace } from '../../data/use-reading-place.ts';
import { useConnection, useCoordinator } from '../../messenger/messenger-provider.tsx';
import { NetworkNotice } from '../../messenger/network-notice.tsx';
import { AboveKeyboard } from '../../platform/keyboard.tsx';
import { useAppDispatch } from '../../state/store.ts';
import { conversationSelected } from '../../state/ui-slice.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { useIsTwoPane } from '../../ui/two-pane.tsx';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadSearch } from './thread-search.tsx';
import { ThreadView } from './thread-view.tsx';

/** A conversation: who it is with, what was said, and the field to go on. */
export function ThreadScreen({ conversationId, atSeq, asked }: { conversationId: ConversationId; atSeq: number | null; asked: string }) {
  const styles = useStyles();
  const router = useRouter();
  const dispatch = useAppDispatch();
  const coordinator = useCoordinator();
  const isTwoPane = useIsTwoPane();
  const isFocused = useIsFocused();
  const { data: conversation, status, refetch } = useConversation(conversationId);
  const isOnline = useConnection().status === 'online';
  const left = useReadingPlace(conversationId);
  const peerId = conversation?.peer.id;

  useEffect(() => {
    if (!isFocused) return;
    dispatch(conversationSelected(conversationId));
    return () => void dispatch(conversationSelected(null));
  }, [dispatch, conversationId, isFocused]);
  useEffect(() => {
    if (!peerId) return;
    coordinator.showPeople('thread', [peerId]);
    return () => coordinator.showPeople('thread', []);
  }, [coordinator, peerId]);
  useEffect(() => {
    void coordinator.loadPending(conversationId).catch(() => undefined);
  }, [coordinator, conversationId]);

  const wasOnline = useRef(false);
  useEffect(() => {
    const isBack = isOnline && !wasOnline.current;
    wasOnline.current = isOnline;
    if (!isOnline || status !== 'error') return undefined;
    // A server that refuses while it is there is not asked again and again.
    const timer = setTimeout(() => void refetch(), isBack ? 0 : TRY_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isOnline, status, refetch]);

  const [isSearching, setIsSearching] = useState(false);
  const [searchText, setSearchText] = useState('');
  /** A message chosen in this thread's search, after the route named its own. */
  const [chosen, setChosen] = useState<{ seq: number; count: number; afterAsked: string } | null>(null);
  const place = chosen !== null && chosen.afterAsked === asked ? { seq: chosen.seq, asked: `${asked} ${chosen.count}` } : { seq: atSeq, asked };

  const back = () => (router.canGoBack() ? router.back() : router.replace('/'));
  return (
    <View style={styles.screen}>
      <ThreadHeader conversation={conversation ?? null} onBack={isTwoPane ? undefined : back} onSearch={() => setIsSearching(true)} />
      {isTwoPane ? null : <NetworkNotice />}
      <AboveKeyboard>
        {conversation && left !== undefined ? <ThreadView conversation={conversation} left={left} atSeq={place.seq} asked={place.asked} isFocused={isFocused && !isSearching} onLeave={back} /> : null}
        {conversation && isSearching ? (
          <ThreadSearch
            conversation={conversation}
            text={searchText}
            onChange={setSearchText}
            onClose={() => setIsSearching(false)}
            onChoose={({ seq }) => {
              setChosen((before) => ({ seq, count: (before?.count ?? 0) + 1, afterAsked: asked }));
              setIsSearching(false);
            }}
          />
        ) : null}
        {status === 'error' && conversation === undefined ? (
          <EmptyState icon="cloud-off" title="Not on this device yet" detail="This conversation is fetched when the server can be reached." action={{ label: 'Try again', onPress: () => void refetch() }} />
        ) : null}
        {conversation === null ? (
          <EmptyState icon="message-circle" title="This conversation is not here" detail="It may belong to another account." action={{ label: 'Go to your chats', onPress: () => router.replace('/') }} />
        ) : null}
      </AboveKeyboard>
    </View>
  );
}

const TRY_AGAIN_MS = 5_000;

const useStyles = createStyles((colors) => ({ screen: { flex: 1, backgroundColor: colors.background } }));
