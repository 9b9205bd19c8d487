import type { Conversation } from '@couplet/protocol';
import { useRouter } from 'expo-router';
import { Pressable, View } from 'react-native';
import { useAppSelector } from '../../state/store.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ScreenHeader } from '../../ui/screen-header.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles, useTheme } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { PresenceLine } from './presence-line.tsx';

export function ThreadHeader({ conversation, onBack, onSearch }: { conversation: Conversation | null; onBack: (() => void) | undefined; onSearch: () => void }) {
  const styles = useStyles();
  const { colors } = useTheme();
  const router = useRouter();
  const peerId = conversation?.peer.id;
  const isOnline = useAppSelector((state) => (peerId ? state.presence.byUser[peerId]?.status === 'online' : false));
  if (!conversation) {
    return (
      <ScreenHeader onBack={onBack}>
        <View style={styles.words} />
      </ScreenHeader>
    );
  }
  const { peer } = conversation;
  return (
    <ScreenHeader onBack={onBack} trailing={
        <>
          <IconButton icon="image" label="Photos, videos and files of this conversation" onPress={() => router.push({ pathname: '/c/[id]/media', params: { id: conversation.id } })} testID="thread-media" />
          <IconButton icon="search" label="Search in this conversation" onPress={onSearch} testID="thread-search-open" />
        </>
      }>
      <Pressable
        role="button"
        aria-label={`${peer.name}, profile`}
        onPress={() => router.push({ pathname: '/u/[id]', params: { id: peer.id } })}
        testID="thread-peer"
        style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.peer, pressed || hovered ? styles.lit : null]}
      >
        <Avatar userId={peer.id} name={peer.name} imageUrl={peer.avatarUrl} size={40} isOnline={isOnline} ring={colors.surface} />
        <View style={styles.words}>
          <Text size="large" weight="600" numberOfLines={1} role="heading" aria-level={1}>
            {peer.name}
          </Text>
          <PresenceLine conversation={conversation} />
        </View>
      </Pressable>
    </ScreenHeader>
  );
}

const useStyles = createStyles((colors) => ({
  peer: { flex: 1, minWidth: 0, flexDirection: 'row', alignItems: 'center', gap: SPACE.m, minHeight: 52, paddingHorizontal: SPACE.s, borderRadius: RADIUS.m },
  lit: { backgroundColor: colors.hover },
  words: { flex: 1, minWidth: 0 },
}));
