import type { ConversationId } from '@couplet/protocol';
import { useLocalSearchParams } from 'expo-router';
import { ThreadScreen } from '../../../features/thread/thread-screen.tsx';

/** `at` is the seq of a message to show, from a search; `asked` changes when it is asked for again. */
export default function ThreadRoute() {
  const { id, at, asked = '' } = useLocalSearchParams<{ id: string; at?: string; asked?: string }>();
  const seq = at !== undefined && /^\d{1,15}$/.test(at) ? Number(at) : null;
  return <ThreadScreen key={id} conversationId={id as ConversationId} atSeq={seq} asked={asked} />;
}
