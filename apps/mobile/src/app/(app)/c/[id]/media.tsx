import type { ConversationId } from '@couplet/protocol';
import { useLocalSearchParams } from 'expo-router';
import { SharedMediaScreen } from '../../../../features/media/shared-media-screen.tsx';

export default function SharedMediaRoute() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <SharedMediaScreen key={id} conversationId={id as ConversationId} />;
}
