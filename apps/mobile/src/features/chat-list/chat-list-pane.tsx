import { useRouter } from 'expo-router';
import { useEffect, useRef, useState } from 'react';
import { type TextInput, View } from 'react-native';
import { NetworkNotice } from '../../messenger/network-notice.tsx';
import { UpdateNotice } from '../../messenger/update-notice.tsx';
import { SHORTCUT_LABELS, subscribeToShortcut } from '../../platform/shortcuts.ts';
import { useAppDispatch, useAppSelector } from '../../state/store.ts';
import { LIST_WIDTH, listResized } from '../../state/ui-slice.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Wordmark } from '../../ui/mark.tsx';
import { PaneDivider } from '../../ui/pane-divider.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { Chats } from './chats.tsx';
import { SearchResults } from './search-results.tsx';

/** The chats beside the thread, on a screen with room for both. */
export function ChatListPane() {
  const router = useRouter();
  const dispatch = useAppDispatch();
  const styles = useStyles();
  const width = useAppSelector((state) => state.ui.listWidth);
  const [text, setText] = useState('');
  const search = useRef<TextInput>(null);
  useEffect(() => subscribeToShortcut('mod+k', () => search.current?.focus()), []);
  return (
    <View style={[styles.pane, { width }]} role="navigation" aria-label="Chats">
      <View style={styles.header}>
        <View style={styles.brand}>
          <Wordmark size={30} />
        </View>
        <IconButton icon="edit-2" label="New conversation" size={20} onPress={() => router.navigate('/people')} testID="new-conversation" />
        <IconButton icon="sliders" label="Settings" size={20} onPress={() => router.navigate('/settings')} testID="open-settings" />
      </View>
      <View style={styles.search}>
        <SearchField ref={search} label="Search" value={text} onChange={setText} shortcut={SHORTCUT_LABELS['mod+k']} testID="chat-search" />
      </View>
      <NetworkNotice otherwise={<UpdateNotice />} />
      <View style={styles.list}>{text.trim() ? <SearchResults text={text} /> : <Chats bottomInset={SPACE.l} />}</View>
      <PaneDivider width={width} least={LIST_WIDTH.least} most={LIST_WIDTH.most} onResize={(next) => dispatch(listResized(next))} />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  pane: { zIndex: 1, backgroundColor: colors.surface, borderEndWidth: 1, borderEndColor: colors.line },
  header: { flexDirection: 'row', alignItems: 'center', minHeight: 60, paddingStart: SPACE.l, paddingEnd: SPACE.s },
  brand: { flex: 1 },
  search: { paddingHorizontal: SPACE.l, paddingBottom: SPACE.s },
  list: { flex: 1, minHeight: 0 },
}));
