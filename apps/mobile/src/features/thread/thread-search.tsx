import type { Conversation, Message } from '@couplet/protocol';
import { ScrollView, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { useMessageSearch } from '../../data/use-message-search.ts';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { excerptAround } from '../../ui/excerpt-around.ts';
import { formatListTime } from '../../ui/format-time.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { NoticeLine } from '../../ui/notice-line.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

export interface ThreadSearchProps {
  conversation: Conversation;
  text: string;
  onChange: (text: string) => void;
  onChoose: (message: Message) => void;
  onClose: () => void;
}

/** The messages of this conversation that hold what is typed, over the thread. */
export function ThreadSearch({ conversation, text, onChange, onChoose, onClose }: ThreadSearchProps) {
  const styles = useStyles();
  const now = useNow(MINUTE_MS);
  const search = useMessageSearch(text, conversation.id);
  const { peer } = conversation;
  const isEmpty = text.trim() !== '' && !search.isSearching && search.error === null && search.found.length === 0;
  return (
    <View style={styles.over} role="dialog" aria-label={`Search the messages with ${peer.name}`} testID="thread-search">
      <View style={styles.bar}>
        <View style={styles.field}>
          <SearchField label={`Search the messages with ${peer.name}`} value={text} onChange={onChange} onEscape={onClose} autoFocus testID="thread-search-input" />
        </View>
        <IconButton icon="x" label="Close search" onPress={onClose} testID="thread-search-close" />
      </View>
      {search.isDeviceOnly ? <NoticeLine text="Only messages on this device" testID="search-device-only" /> : null}
      <ScrollView keyboardShouldPersistTaps="handled" testID="thread-search-results" {...arrowKeyProps('[role="button"]')}>
        {search.found.map((message) => (
          <ListRow
            key={message.id}
            title={message.senderId === peer.id ? peer.name : 'You'}
            detail={excerptAround(message.text ?? '', text)}
            trailing={
              <Text size="small" color="textSecondary">
                {formatListTime(Date.parse(message.createdAt), now)}
              </Text>
            }
            onPress={() => onChoose(message)}
            testID={`search-message-${message.clientMsgId}`}
          />
        ))}
        {search.hasMore ? (
          <View style={{ padding: SPACE.l }}>
            <Button kind="plain" label="More messages" busy={search.isLoadingMore} onPress={search.loadMore} />
          </View>
        ) : null}
        {search.error ? (
          <Text size="small" color="danger" role="alert" style={{ padding: SPACE.l }}>
            {errorText(search.error)}
          </Text>
        ) : null}
        {isEmpty ? <EmptyState icon="search" title={search.isDeviceOnly ? 'Nothing found on this device' : 'Nothing found'} detail={`No message here matches “${text.trim()}”.`} /> : null}
      </ScrollView>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  over: { position: 'absolute', top: 0, bottom: 0, start: 0, end: 0, backgroundColor: colors.background },
  bar: { flexDirection: 'row', alignItems: 'center', gap: SPACE.xs, paddingStart: SPACE.m, paddingEnd: SPACE.xs, paddingVertical: SPACE.s },
  field: { flex: 1, minWidth: 0 },
}));
