import type { ConversationId } from '@couplet/protocol';
import { useLocalSearchParams } from 'expo-router';
import { ThreadScreen } from '../../../features/thread/thread-screen.tsx';

/** `at` is the seq of a message to show, from a search. */
export default function ThreadRoute() {
  const { id, at } = useLocalSearchParams<{ id: string; at?: string }>();
  const seq = at !== undefined && /^\d{1,15}$/.test(at) ? Number(at) : null;
  return <ThreadScreen key={id} conversationId={id as ConversationId} atSeq={seq} />;
}
