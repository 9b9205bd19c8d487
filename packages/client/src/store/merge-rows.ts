import type { Conversation, Message } from '@couplet/protocol';

/**
 * The one guard of messages: nothing older overwrites something newer. The
 * receipts' times are apart from the version; the first that is known stays.
 */
export function mergeMessage(stored: Message | null, incoming: Message): Message {
  if (stored === null) return incoming;
  const newer = incoming.version > stored.version ? incoming : stored;
  const deliveredAt = stored.deliveredAt ?? incoming.deliveredAt;
  const readAt = stored.readAt ?? incoming.readAt;
  if (newer === stored && deliveredAt === stored.deliveredAt && readAt === stored.readAt) return stored;
  return { ...newer, ...(deliveredAt === undefined ? {} : { deliveredAt }), ...(readAt === undefined ? {} : { readAt }) };
}

/**
 * A conversation as the server showed it at some moment, against the one on the
 * device. Watermarks only rise; what depends on how far the conversation is
 * (last message, unread count) comes from whichever is further.
 */
export function mergeConversation(stored: Conversation | null, incoming: Conversation): Conversation {
  if (stored === null) return incoming;
  const isBehind = incoming.lastSeq < stored.lastSeq || incoming.readSeq < stored.readSeq;
  const further = incoming.lastSeq < stored.lastSeq ? stored : incoming;
  return {
    ...incoming,
    ...newerSettings(stored, incoming),
    lastSeq: further.lastSeq,
    lastActivityAt: further.lastActivityAt,
    lastMessage: mergeLastMessage(stored.lastMessage, incoming.lastMessage),
    unreadCount: isBehind ? stored.unreadCount : incoming.unreadCount,
    readSeq: Math.max(stored.readSeq, incoming.readSeq),
    peerReadSeq: Math.max(stored.peerReadSeq, incoming.peerReadSeq),
    peerDeliveredSeq: Math.max(stored.peerDeliveredSeq, incoming.peerDeliveredSeq),
  };
}

/** The viewer's settings of whichever is newer; the rest stays as the device has it. */
export function mergeSettings(stored: Conversation, incoming: Conversation): Conversation {
  return { ...stored, ...newerSettings(stored, incoming) };
}

function newerSettings(stored: Conversation, incoming: Conversation) {
  const { pinned, mutedUntil, archived, draft, settingsVersion } = incoming.settingsVersion < stored.settingsVersion ? stored : incoming;
  return { pinned, mutedUntil, archived, draft, settingsVersion };
}

export function mergeLastMessage(stored: Message | null, incoming: Message | null): Message | null {
  if (stored === null || incoming === null) return incoming ?? stored;
  if (incoming.seq === stored.seq) return mergeMessage(stored, incoming);
  return incoming.seq > stored.seq ? incoming : stored;
}
