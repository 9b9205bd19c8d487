import type { Conversation, ConversationId } from '@couplet/protocol';
import { usePathname, useRouter } from 'expo-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { FlatList, View, type ViewToken } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { useChatList } from '../../data/use-chat-list.ts';
import { useOpenConversation } from '../../data/use-open-conversation.ts';
import { useCoordinator } from '../../messenger/messenger-provider.tsx';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { useTextScale } from '../../platform/text-scale.ts';
import { useAppSelector } from '../../state/store.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import type { MenuAnchor } from '../../ui/menu.tsx';
import { NoticeLine } from '../../ui/notice-line.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useIsTwoPane } from '../../ui/two-pane.tsx';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';
import { ArchiveHeader, ArchiveRow } from './archive.tsx';
import { ChatMenu } from './chat-menu.tsx';
import { ChatRow, chatRowHeight } from './chat-row.tsx';

/** The viewer's conversations, the last active first; those put away are one row above them, and behind it a list of their own. */
export function Chats({ bottomInset }: { bottomInset: number }) {
  const router = useRouter();
  const coordinator = useCoordinator();
  const [shelf, setShelf] = useState<'chats' | 'archive'>('chats');
  const list = useChatList(shelf);
  const open = useOpenConversation();
  const now = useNow(MINUTE_MS);
  const isTwoPane = useIsTwoPane();
  const isShown = usePathname() === '/' || isTwoPane;
  const rowHeight = chatRowHeight(useTextScale());
  const selectedId = useAppSelector((state) => (isTwoPane ? state.ui.selectedConversationId : null));
  const [isRefreshing, setIsRefreshing] = useState(false);
  const [menu, setMenu] = useState<{ id: ConversationId; anchor: MenuAnchor } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const openMenu = useCallback((id: ConversationId, anchor: MenuAnchor) => setMenu({ id, anchor }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const leaveArchive = useCallback(() => setShelf('chats'), []);
  // The last one was taken out again.
  if (shelf === 'archive' && list.status === 'success' && list.archived.count === 0) setShelf('chats');

  const approach = useCallback((conversation: Conversation) => coordinator.prefetchThread(conversation), [coordinator]);
  const openRow = useCallback((id: ConversationId) => open(id), [open]);
  const followVisible = useVisiblePeers();

  if (list.status === 'pending') return <SkeletonRows rows={8} label="Loading your chats" />;
  if (list.status === 'error') {
    return <EmptyState icon="cloud-off" title="Your chats could not be loaded" action={{ label: 'Try again', onPress: () => void list.refresh() }} />;
  }
  const chosen = menu && list.conversations.find(({ id }) => id === menu.id);
  if (list.conversations.length === 0 && list.archived.count === 0 && !list.hasMore) {
    return (
      <EmptyState
        icon="message-circle"
        title="No conversations yet"
        detail="Find somebody you know by name, username or email, and say hello."
        action={{ label: 'Find people', onPress: () => router.push('/people'), testID: 'find-people' }}
      />
    );
  }
  return (
    <View style={{ flex: 1 }} {...arrowKeyProps('a, [role="link"]')}>
      {failure === null ? null : <NoticeLine text={errorText(failure)} action={{ label: 'Dismiss', onPress: () => setFailure(null) }} testID="chat-failure" />}
      {shelf === 'archive' ? <ArchiveHeader onBack={leaveArchive} isShown={isShown} /> : list.archived.count > 0 ? <ArchiveRow {...list.archived} onPress={() => setShelf('archive')} /> : null}
      <FlatList
        key={shelf}
        data={list.conversations}
        keyExtractor={keyOf}
        renderItem={({ item }) => <ChatRow conversation={item} isSelected={item.id === selectedId} now={now} onOpen={openRow} onApproach={approach} onOpenMenu={openMenu} />}
        extraData={[selectedId, now]}
        getItemLayout={(_, index) => ({ length: rowHeight, offset: rowHeight * index, index })}
        onEndReached={list.loadMore}
        onEndReachedThreshold={1}
        windowSize={VIEWS_DRAWN}
        onViewableItemsChanged={followVisible}
        viewabilityConfig={VIEWABILITY}
        refreshing={isRefreshing}
        onRefresh={() => {
          setIsRefreshing(true);
          void list.refresh().finally(() => setIsRefreshing(false));
        }}
        keyboardShouldPersistTaps="handled"
        contentContainerStyle={{ paddingBottom: bottomInset }}
        role="list"
        aria-label={shelf === 'archive' ? 'Archived chats' : 'Chats'}
        testID={shelf === 'archive' ? 'archive-list' : 'chat-list'}
      />
      {menu && chosen ? <ChatMenu conversation={chosen} anchor={menu.anchor} onClose={closeMenu} onFailure={setFailure} /> : null}
    </View>
  );
}

/** The one in sight, and two on either side: a catch-up draws every row that is there anew, again and again. */
const VIEWS_DRAWN = 5;
const VIEWABILITY = { itemVisiblePercentThreshold: 10 };

function keyOf(conversation: Conversation): string {
  return conversation.id;
}

/** Presence is followed for the rows in sight, not for everybody one ever spoke with. */
function useVisiblePeers() {
  const coordinator = useCoordinator();
  useEffect(() => () => coordinator.showPeople('chat-list', []), [coordinator]);
  // FlatList takes one function for its whole life.
  const current = useRef(coordinator);
  useEffect(() => {
    current.current = coordinator;
  }, [coordinator]);
  return useCallback(({ viewableItems }: { viewableItems: ViewToken<Conversation>[] }) => {
    current.current.showPeople(
      'chat-list',
      viewableItems.map((token) => token.item.peer.id),
    );
  }, []);
}
