import type { Conversation } from '@couplet/protocol';
import { useAppSelector } from '../../state/store.ts';
import { formatLastSeen } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

/** "typing…", "online" or when the peer was last seen; nothing when nobody knows. */
export function PresenceLine({ conversation }: { conversation: Conversation }) {
  const now = useNow(MINUTE_MS);
  const presence = useAppSelector((state) => state.presence.byUser[conversation.peer.id]);
  const isTyping = useAppSelector((state) => state.presence.typing[conversation.id] !== undefined);
  if (isTyping) {
    return (
      <Text size="small" color="onlineText" testID="typing-indicator" aria-live="polite">
        typing…
      </Text>
    );
  }
  if (presence?.status === 'online') {
    return (
      <Text size="small" color="onlineText" testID="presence-online">
        online
      </Text>
    );
  }
  if (presence?.status === 'offline' && presence.lastSeenAt) {
    return (
      <Text size="small" color="textSecondary" numberOfLines={1} testID="presence-last-seen">
        {formatLastSeen(Date.parse(presence.lastSeenAt), now)}
      </Text>
    );
  }
  return null;
}
