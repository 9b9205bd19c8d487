import { type Conversation, type ConversationId, type ConversationSettings, CoupletError, type UserId } from '@couplet/protocol';
import { inTransaction } from '../../database/transaction.ts';
import { appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import { findConversations, updateMemberSettings } from './conversations-repository.ts';
import type { OpenConversationNeeds } from './open-conversation.ts';
import type { Pairs } from './pairs.ts';

/** Changes the viewer's own settings; their other devices learn of it. */
export async function updateConversation(
  needs: OpenConversationNeeds & { pairs: Pairs },
  viewerId: UserId,
  conversationId: ConversationId,
  settings: ConversationSettings,
): Promise<Conversation> {
  await needs.pairs.membership(conversationId, viewerId);
  const appended = await inTransaction(needs.pool, async (tx) => {
    await lockEventLogs(tx, [viewerId]);
    await updateMemberSettings(tx, conversationId, viewerId, settings);
    return appendEvents(tx, [{ userId: viewerId, type: 'conversation.updated', conversationId }]);
  });
  await deliverAppended(needs.log, needs.fanout, appended);
  const [conversation] = await findConversations(needs.pool, needs.attachmentLinks, viewerId, [conversationId]);
  if (!conversation) throw new CoupletError('internal');
  return conversation;
}
