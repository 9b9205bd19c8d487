import type { ConversationId, UserId } from '@couplet/protocol';
import type { Context } from './context.ts';
import { announceBlock } from './domains/conversations/announce-block.ts';
import { announceProfiles } from './domains/conversations/announce-profile.ts';
import { openPair } from './domains/conversations/open-conversation.ts';
import type { AppendedEvent } from './event-log/append-events.ts';
import { deliverAppended } from './event-log/deliver-appended.ts';
import { presenceOf } from './domains/presence/presence-of.ts';
import { toCoupletError } from './http/problem-document.ts';
import { assertWithinLimit } from './http/rate-limit.ts';
import type { SendRequest } from './write-path/sends.ts';

export type MessagingNeeds = ReturnType<typeof messagingNeeds>;

/** What the messaging domains ask for, whichever edge calls them: the same use cases behind REST and the socket. */
export function messagingNeeds(context: Context) {
  const { database, eventLog, fanout, now, pairs, presence, lastSeen, writePath, rateLimits, attachmentLinks, traces, metrics } = context;
  const { pool } = database;
  const conversations = { pool, log: eventLog, fanout, attachmentLinks, now };
  const presences = { db: pool, presence, lastSeen };
  return {
    ...conversations,
    ...presences,
    pairs,
    async storeSend(request: SendRequest) {
      const stored = await traces.step('store', {}, () => writePath.send(request));
      // A replay belongs to the trace of the first send.
      if (!stored.duplicate) traces.stored(stored.messageId);
      return stored;
    },
    onSendAcknowledged: metrics.sendAcknowledged,
    onSendRefused: (error: unknown) => metrics.sendRejected(toCoupletError(error).code),
    receipts: writePath.receipts,
    membership: (conversationId: ConversationId, userId: UserId) => pairs.membership(conversationId, userId),
    allowSend: (userId: UserId) => assertWithinLimit(rateLimits.sendByUser, userId),
    conversationWith: (viewerId: UserId, peerId: UserId) =>
      pairs.between(viewerId, peerId, async () => (await openPair(conversations, viewerId, peerId)).conversationId),
    presenceOf: (viewerId: UserId, userIds: readonly UserId[]) => presenceOf(presences, viewerId, userIds),
    announceProfiles,
    announceBlock,
    deliver: (appended: readonly AppendedEvent[]) => deliverAppended(eventLog, fanout, appended),
    severPresence(one: UserId, other: UserId) {
      presence.sever(one, other);
      fanout.publish([
        { to: one, payload: { type: 'peer.severed', peerId: other } },
        { to: other, payload: { type: 'peer.severed', peerId: one } },
      ]);
    },
  };
}
