import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { FlatList, Modal, Pressable, View } from 'react-native';
import { deviceDownloads } from '../../data/device-downloads.ts';
import { errorText } from '../../data/error-text.ts';
import { contentToForward } from '../../data/forward-message.ts';
import { messageExcerpt } from '../../data/message-excerpt.ts';
import { useChatList } from '../../data/use-chat-list.ts';
import { useMessenger, useServerUrl } from '../../messenger/messenger-provider.tsx';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { posterOf } from '../../platform/video-poster.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useDismissal } from '../../ui/use-dismissal.ts';

export interface ForwardSheetProps {
  message: Message;
  onForwarded: (id: ConversationId) => void;
  onClose: () => void;
}

/** Chooses a conversation that is told what was said in this one. */
export function ForwardSheet({ message, onForwarded, onClose }: ForwardSheetProps) {
  const styles = useStyles();
  const [text, setText] = useState('');
  const { conversations, isWhole, loadMore } = useTargets(text);
  const { forward, goingTo, brought, error } = useForwarding(message, onForwarded);
  useDismissal(onClose);
  const count = message.attachments.length;
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role="dialog" aria-modal aria-label="Forward to" testID="forward-sheet">
          <Text size="large" weight="600">
            Forward to
          </Text>
          <Text size="small" color="textSecondary" numberOfLines={1}>
            {messageExcerpt(message)}
          </Text>
          <SearchField label="Search your chats" value={text} onChange={setText} testID="forward-search" />
          <View style={styles.outcome} aria-live="polite">
            {goingTo !== null && count > 0 ? (
              <Text size="small" color="textSecondary" testID="forward-progress">
                {count === 1 ? 'Loading the file' : `Loading the files, ${brought} of ${count}`}
              </Text>
            ) : null}
            {error ? (
              <Text size="small" color="danger" role="alert" testID="forward-error">
                {count > 0 ? 'The files could not be loaded. Check the connection and try again.' : errorText(error)}
              </Text>
            ) : null}
          </View>
          <View style={styles.list} {...arrowKeyProps('[role="button"]')}>
            <FlatList
              data={conversations}
              keyExtractor={keyOf}
              keyboardShouldPersistTaps="handled"
              onEndReached={loadMore}
              ListEmptyComponent={
                isWhole ? (
                  <Text color="textSecondary" style={styles.none}>
                    No chat with this name
                  </Text>
                ) : null
              }
              renderItem={({ item: { id, peer } }) => (
                <ListRow
                  title={peer.name}
                  detail={peer.username ? `@${peer.username}` : undefined}
                  leading={<Avatar userId={peer.id} name={peer.name} imageUrl={peer.avatarUrl} size={40} />}
                  {...(goingTo === null ? { onPress: () => forward(id) } : {})}
                  testID={`forward-to-${peer.name}`}
                />
              )}
            />
          </View>
          <Button label="Cancel" kind="plain" onPress={onClose} testID="forward-cancel" />
        </View>
      </View>
    </Modal>
  );
}

/** The chats one can write in, those put away too, by a part of the name. */
function useTargets(text: string): { conversations: Conversation[]; isWhole: boolean; loadMore: () => void } {
  const chats = useChatList('chats');
  const away = useChatList('archive');
  const wanted = text.trim().toLocaleLowerCase();
  const conversations = [...chats.conversations, ...away.conversations].filter(({ blocked, peer }) => !blocked && (peer.name.toLocaleLowerCase().includes(wanted) || peer.username?.includes(wanted) === true));
  const { hasMore, loadMore } = chats;
  // A name may stand further down than the list was read.
  const looksFurther = wanted !== '' && hasMore && conversations.length < ENOUGH;
  useEffect(() => {
    if (looksFurther) loadMore();
  });
  return { conversations, isWhole: !hasMore, loadMore };
}

/** As many as show at once. */
const ENOUGH = 8;

/** Closing the sheet gives up what is not in the outbox yet. */
function useForwarding(message: Message, onForwarded: (id: ConversationId) => void) {
  const messenger = useMessenger();
  const serverUrl = useServerUrl();
  const [brought, setBrought] = useState(0);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  const { mutate, isPending, variables, error } = useMutation({
    async mutationFn(conversationId: ConversationId) {
      setBrought(0);
      const content = await contentToForward(message, { api: messenger.api, serverUrl, downloads: deviceDownloads, posterOf }, setBrought);
      if (isGone.current) return;
      await messenger.messages.send({ conversationId, ...content });
      // Closed while its files were copied: it is in the outbox, and nobody is led away.
      if (!isGone.current) onForwarded(conversationId);
    },
    // Words are kept without a network as well; what needs one says so.
    networkMode: 'always',
  });
  return { forward: mutate, goingTo: isPending ? variables : null, brought, error };
}

function keyOf({ id }: Conversation): string {
  return id;
}

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.l, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 420, height: '80%', maxHeight: 620, gap: SPACE.s, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
  outcome: { minHeight: 18, justifyContent: 'center' },
  // The rows have room of their own beside their words.
  list: { flex: 1, minHeight: 0, marginHorizontal: -SPACE.l },
  none: { textAlign: 'center', padding: SPACE.l },
}));
