import type { ConversationId, SharedMediaKind } from '@couplet/protocol';
import { useMemo, useState } from 'react';
import { ActivityIndicator, FlatList, type LayoutChangeEvent, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { useSharedMedia } from '../../data/use-shared-media.ts';
import { useAppDispatch } from '../../state/store.ts';
import { mediaOpened } from '../../state/opened-media-slice.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatMonth } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles, useTheme } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';
import { MediaTile } from './media-tile.tsx';
import { SharedFile } from './shared-file.tsx';
import { fileRows, mediaRows, type SharedEntry, type SharedRow } from './shared-rows.ts';

const WORDS: Record<SharedMediaKind, { title: string; detail: string }> = {
  media: { title: 'No photos or videos yet', detail: 'What you send each other is found here again.' },
  files: { title: 'No files yet', detail: 'What you send each other is found here again.' },
};

/** The shared pictures and videos as a grid, or the files as a list, read further as one scrolls. */
export function SharedMediaList({ conversationId, kind }: { conversationId: ConversationId; kind: SharedMediaKind }) {
  const styles = useStyles();
  const { colors } = useTheme();
  const insets = useSafeAreaInsets();
  const dispatch = useAppDispatch();
  const { messages, status, hasMore, loadMore, reload } = useSharedMedia(conversationId, kind);
  const [width, setWidth] = useState(0);
  const columns = Math.max(3, Math.floor(width / TILE));
  const side = Math.floor((width - GAP * (columns - 1)) / columns);
  const rows = useMemo(() => (kind === 'media' ? mediaRows(messages, columns) : fileRows(messages)), [messages, kind, columns]);
  const open = ({ attachment, message }: SharedEntry) => dispatch(mediaOpened({ conversationId, seq: message.seq, attachmentId: attachment.id }));

  if (status === 'error') return <EmptyState icon="cloud-off" title="What you shared could not be loaded" action={{ label: 'Try again', onPress: reload }} />;
  if (status === 'success' && rows.length === 0 && !hasMore) return <EmptyState icon={kind === 'media' ? 'image' : 'file'} {...WORDS[kind]} />;
  return (
    <View style={styles.list}>
      <View style={styles.measured} onLayout={({ nativeEvent }: LayoutChangeEvent) => setWidth(nativeEvent.layout.width)}>
        {width === 0 ? null : (
          <FlatList
            key={columns}
            data={rows}
            keyExtractor={keyOf}
            renderItem={({ item }) => <Row row={item} side={side} onOpen={open} />}
            onEndReached={loadMore}
            onEndReachedThreshold={1}
            initialNumToRender={12}
            windowSize={5}
            contentContainerStyle={{ gap: GAP, paddingBottom: insets.bottom + SPACE.l }}
            ListFooterComponent={status === 'pending' || hasMore ? <ActivityIndicator color={colors.accent} style={styles.more} /> : null}
            testID="shared-list"
          />
        )}
      </View>
    </View>
  );
}

function Row({ row, side, onOpen }: { row: SharedRow; side: number; onOpen: (entry: SharedEntry) => void }) {
  const styles = useStyles();
  const now = useNow(MINUTE_MS);
  switch (row.type) {
    case 'month':
      return (
        <Text weight="600" color="textSecondary" role="heading" aria-level={2} style={styles.month}>
          {formatMonth(row.at, now)}
        </Text>
      );
    case 'media':
      return (
        <View style={styles.row}>
          {row.entries.map((entry) => (
            <MediaTile key={entry.attachment.id} attachment={entry.attachment} side={side} onPress={() => onOpen(entry)} />
          ))}
        </View>
      );
    case 'file':
      return <SharedFile entry={row.entry} />;
  }
}

function keyOf({ key }: SharedRow): string {
  return key;
}

/** Points a square wants at least: three beside each other on a small phone, more on a desktop. */
const TILE = 124;
const GAP = 3;

const useStyles = createStyles(() => ({
  list: { flex: 1, minHeight: 0, paddingHorizontal: SPACE.m },
  measured: { flex: 1, minHeight: 0 },
  row: { flexDirection: 'row', gap: GAP },
  month: { paddingTop: SPACE.l, paddingBottom: SPACE.xs, paddingHorizontal: SPACE.xs },
  more: { padding: SPACE.l },
}));
