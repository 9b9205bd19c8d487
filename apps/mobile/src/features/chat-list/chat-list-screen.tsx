import { useRouter } from 'expo-router';
import { useState } from 'react';
import { Pressable, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { Chats } from './chats.tsx';
import { NetworkNotice } from '../../messenger/network-notice.tsx';
import { UpdateNotice } from '../../messenger/update-notice.tsx';
import { SearchResults } from './search-results.tsx';

/** Height of the round button and its margins: the last row stays readable above it. */
const ABOVE_COMPOSE = 96;

/** The chats on a phone. */
export function ChatListScreen() {
  const router = useRouter();
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const [text, setText] = useState('');
  const isSearching = text.trim() !== '';
  return (
    <View style={[styles.screen, { paddingTop: insets.top }]}>
      <View style={styles.header}>
        <Text size="display" weight="600" role="heading" aria-level={1} style={styles.title}>
          Chats
        </Text>
        <IconButton icon="sliders" label="Settings" onPress={() => router.push('/settings')} testID="open-settings" />
      </View>
      <View style={styles.search}>
        <SearchField label="Search people and messages" value={text} onChange={setText} testID="chat-search" />
      </View>
      <NetworkNotice otherwise={<UpdateNotice />} />
      <View style={styles.list}>{isSearching ? <SearchResults text={text} /> : <Chats bottomInset={ABOVE_COMPOSE + insets.bottom} />}</View>
      {isSearching ? null : (
        <Pressable
          role="button"
          aria-label="New conversation"
          onPress={() => router.push('/people')}
          testID="new-conversation"
          style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.compose, { bottom: SPACE.xl + insets.bottom }, pressed || hovered ? styles.composeLit : null]}
        >
          <Icon name="edit-2" size={22} color="onAccent" />
        </Pressable>
      )}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.background },
  header: { flexDirection: 'row', alignItems: 'center', paddingStart: SPACE.l, paddingEnd: SPACE.s, paddingTop: SPACE.m },
  title: { flex: 1, letterSpacing: -0.4 },
  search: { paddingHorizontal: SPACE.l, paddingTop: SPACE.s, paddingBottom: SPACE.m },
  list: { flex: 1, minHeight: 0 },
  compose: {
    position: 'absolute',
    end: SPACE.l,
    width: 56,
    height: 56,
    borderRadius: RADIUS.l,
    alignItems: 'center',
    justifyContent: 'center',
    backgroundColor: colors.accentFill,
    boxShadow: `0 6px 18px ${colors.shadow}`,
  },
  composeLit: { backgroundColor: colors.accentFillPressed },
}));
