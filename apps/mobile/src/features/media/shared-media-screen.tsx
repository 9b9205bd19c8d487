import type { ConversationId, SharedMediaKind } from '@couplet/protocol';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { useConversation } from '../../data/use-chat-list.ts';
import { ScreenHeader } from '../../ui/screen-header.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { SharedMediaList } from './shared-media-list.tsx';

const KINDS = [
  { value: 'media', label: 'Photos and videos' },
  { value: 'files', label: 'Files' },
] as const;

/** Everything that two people sent each other besides words. */
export function SharedMediaScreen({ conversationId }: { conversationId: ConversationId }) {
  const styles = useStyles();
  const router = useRouter();
  const { data: conversation } = useConversation(conversationId);
  const [kind, setKind] = useState<SharedMediaKind>('media');
  const back = () => (router.canGoBack() ? router.back() : router.replace({ pathname: '/c/[id]', params: { id: conversationId } }));
  return (
    <View style={styles.screen}>
      <ScreenHeader title={conversation ? `Shared with ${conversation.peer.name}` : 'Shared'} onBack={back} />
      <View style={styles.column}>
        <View style={styles.kinds}>
          <Segmented label="What was shared" value={kind} choices={KINDS} onChange={setKind} testID="shared-kind" />
        </View>
        <SharedMediaList key={kind} conversationId={conversationId} kind={kind} />
      </View>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.background },
  column: { flex: 1, minHeight: 0, width: '100%', maxWidth: 900, alignSelf: 'center' },
  kinds: { padding: SPACE.m },
}));
