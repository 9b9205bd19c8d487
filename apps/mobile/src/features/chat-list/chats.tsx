import type { Conversation, ConversationId } from '@couplet/protocol';
import { useRouter } from 'expo-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { FlatList, View, type ViewToken } from 'react-native';
import { useChatList } from '../../data/use-chat-list.ts';
import { useOpenConversation } from '../../data/use-open-conversation.ts';
import { useCoordinator } from '../../messenger/messenger-provider.tsx';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { useTextScale } from '../../platform/text-scale.ts';
import { useAppSelector } from '../../state/store.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useIsTwoPane } from '../../ui/two-pane.tsx';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';
import { ChatRow, chatRowHeight } from './chat-row.tsx';

/** The viewer's conversations, the last active first. */
export function Chats({ bottomInset }: { bottomInset: number }) {
  const router = useRouter();
  const coordinator = useCoordinator();
  const list = useChatList();
  const open = useOpenConversation();
  const now = useNow(MINUTE_MS);
  const isTwoPane = useIsTwoPane();
  const rowHeight = chatRowHeight(useTextScale());
  const selectedId = useAppSelector((state) => (isTwoPane ? state.ui.selectedConversationId : null));
  const [isRefreshing, setIsRefreshing] = useState(false);

  const approach = useCallback((id: ConversationId) => coordinator.prefetchThread(id), [coordinator]);
  const openRow = useCallback((id: ConversationId) => open(id), [open]);
  const followVisible = useVisiblePeers();

  if (list.status === 'pending') return <SkeletonRows rows={8} label="Loading your chats" />;
  if (list.status === 'error') {
    return <EmptyState icon="cloud-off" title="Your chats could not be loaded" action={{ label: 'Try again', onPress: () => void list.refresh() }} />;
  }
  if (list.conversations.length === 0) {
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
      <FlatList
        data={list.conversations}
        keyExtractor={keyOf}
        renderItem={({ item }) => <ChatRow conversation={item} isSelected={item.id === selectedId} now={now} onOpen={openRow} onApproach={approach} />}
        extraData={[selectedId, now]}
        getItemLayout={(_, index) => ({ length: rowHeight, offset: rowHeight * index, index })}
        onEndReached={list.loadMore}
        onEndReachedThreshold={1}
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
        aria-label="Chats"
        testID="chat-list"
      />
    </View>
  );
}

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
