import type { Conversation, ConversationId, Message } from '@couplet/protocol';

export interface BannerContext {
  /** The conversation that is being looked at. */
  openId: ConversationId | null;
  /** Epoch milliseconds. */
  now: number;
}

/** Whether an arrival is worth a word while the person is somewhere else in the app. */
export function isAnnounced(message: Message, conversation: Conversation, { openId, now }: BannerContext): boolean {
  const { id, peer, lastSeq, readSeq, mutedUntil, archived, blocked } = conversation;
  if (id === openId || archived || blocked) return false;
  if (mutedUntil !== null && Date.parse(mutedUntil) > now) return false;
  // What is changed, read already, or not the last word any more is no arrival.
  return message.senderId === peer.id && message.version === 0 && message.seq === lastSeq && message.seq > readSeq;
}
