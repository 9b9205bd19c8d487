import type { Conversation, ConversationId, Message, User } from '@couplet/protocol';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ScrollView, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { queryKeys } from '../../data/query-keys.ts';
import { useChatList, useConversation } from '../../data/use-chat-list.ts';
import { useMessageSearch } from '../../data/use-message-search.ts';
import { useOpenConversation, useOpenPerson } from '../../data/use-open-conversation.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { useAppSelector } from '../../state/store.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { excerptAround } from '../../ui/excerpt-around.ts';
import { formatListTime } from '../../ui/format-time.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { NoticeLine } from '../../ui/notice-line.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { useNow, MINUTE_MS } from '../../ui/use-now.ts';
import { useSettled } from '../../ui/use-settled.ts';

/** People and messages found by what is typed: those on the device at once, the rest from the server. */
export function SearchResults({ text }: { text: string }) {
  const messenger = useMessenger();
  const query = useSettled(text.trim(), SETTLE_MS);
  const { conversations } = useChatList('both');
  const people = useQuery({ queryKey: queryKeys.peopleSearch(query), queryFn: () => messenger.people.search(query), enabled: query !== '', gcTime: RESULTS_KEPT_MS, staleTime: RESULTS_FRESH_MS });
  const messages = useMessageSearch(text);
  const open = useOpenConversation();
  const openPerson = useOpenPerson();
  const [failure, setFailure] = useState<unknown>(null);

  const known = conversations.filter((conversation) => matchesName(conversation, text));
  const knownPeople = new Set(known.map((conversation) => conversation.peer.id));
  const others = (people.data ?? []).filter((user) => !knownPeople.has(user.id));
  const { found, isDeviceOnly } = messages;
  const isSearching = query !== text.trim() || (people.isFetching && !isDeviceOnly) || messages.isSearching;
  // That people cannot be looked for without a network is what the line says already.
  const error = failure ?? messages.error ?? (isDeviceOnly ? null : people.error);

  return (
    <ScrollView keyboardShouldPersistTaps="handled" testID="search-results" {...arrowKeyProps('[role="button"]')}>
      {isDeviceOnly ? <NoticeLine text="Only messages on this device" testID="search-device-only" /> : null}
      {known.length > 0 ? (
        <Group title="Chats">
          {known.slice(0, MOST_KNOWN).map((conversation) => (
            <PersonRow key={conversation.id} user={conversation.peer} onPress={() => open(conversation.id)} />
          ))}
        </Group>
      ) : null}
      {others.length > 0 ? (
        <Group title="People">
          {others.map((user) => (
            <PersonRow key={user.id} user={user} onPress={() => void openPerson(user.id).catch(setFailure)} />
          ))}
        </Group>
      ) : null}
      {found.length > 0 ? (
        <Group title="Messages">
          {found.map((message) => (
            <FoundMessage key={message.id} message={message} query={text} onPress={(id) => open(id, message.seq)} />
          ))}
          {messages.hasMore ? (
            <View style={{ padding: SPACE.l }}>
              <Button kind="plain" label="More messages" busy={messages.isLoadingMore} onPress={messages.loadMore} />
            </View>
          ) : null}
        </Group>
      ) : null}
      {error ? (
        <Text size="small" color="danger" role="alert" style={{ padding: SPACE.l }}>
          {errorText(error)}
        </Text>
      ) : null}
      {!isSearching && !error && known.length + others.length + found.length === 0 ? (
        <EmptyState icon="search" title={isDeviceOnly ? 'Nothing found on this device' : 'Nothing found'} detail={`Nobody and no message matches “${text.trim()}”.`} />
      ) : null}
    </ScrollView>
  );
}

/** Long enough that a word is typed before the server is asked. */
const SETTLE_MS = 200;
const RESULTS_KEPT_MS = 60_000;
const RESULTS_FRESH_MS = 10_000;
const MOST_KNOWN = 8;

function matchesName({ peer }: Conversation, text: string): boolean {
  const wanted = text.trim().toLocaleLowerCase().split(/\s+/);
  const words = `${peer.name} ${peer.username ?? ''}`.toLocaleLowerCase().split(/\s+/);
  return wanted.every((start) => words.some((word) => word.startsWith(start)));
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <View role="region" aria-label={title}>
      <Text size="small" weight="600" color="textSecondary" role="heading" aria-level={2} style={styles.title}>
        {title}
      </Text>
      {children}
    </View>
  );
}

function PersonRow({ user, onPress }: { user: User; onPress: () => void }) {
  const isOnline = useAppSelector((state) => state.presence.byUser[user.id]?.status === 'online');
  return (
    <ListRow
      title={user.name}
      detail={user.username ? `@${user.username}` : undefined}
      leading={<Avatar userId={user.id} name={user.name} imageUrl={user.avatarUrl} size={44} isOnline={isOnline} />}
      onPress={onPress}
      testID={`search-person-${user.name}`}
    />
  );
}

function FoundMessage({ message, query, onPress }: { message: Message; query: string; onPress: (id: ConversationId) => void }) {
  const now = useNow(MINUTE_MS);
  const { data: conversation } = useConversation(message.conversationId);
  if (!conversation) return null;
  const { peer } = conversation;
  return (
    <ListRow
      title={peer.name}
      detail={`${message.senderId === peer.id ? '' : 'You: '}${excerptAround(message.text ?? '', query)}`}
      leading={<Avatar userId={peer.id} name={peer.name} imageUrl={peer.avatarUrl} size={44} />}
      trailing={
        <Text size="small" color="textSecondary">
          {formatListTime(Date.parse(message.createdAt), now)}
        </Text>
      }
      onPress={() => onPress(message.conversationId)}
      testID={`search-message-${message.clientMsgId}`}
    />
  );
}

const useStyles = createStyles(() => ({
  title: { paddingHorizontal: SPACE.l, paddingTop: SPACE.m, paddingBottom: SPACE.xs },
}));
