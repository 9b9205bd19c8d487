import type { Snapshot, UserId } from '@couplet/protocol';
import { settleDeleted, settleSent } from '../outbox/settle-entries.ts';
import { settleReceipts } from '../store/settle-receipts.ts';
import type { StoreWriter } from '../store/store.ts';
import { Touched } from '../store/touched.ts';

/**
 * Replaces what the server owns by its complete state, within the caller's
 * transaction. The outbox stays, but for what the snapshot shows as done;
 * settings and watermarks that the server has not confirmed stay too.
 *
 * @returns what of the outbox was done, with the messages that it became: the rest is read anew anyway
 */
export async function replaceBySnapshot(writer: StoreWriter, viewerId: UserId, snapshot: Snapshot): Promise<Touched> {
  const { epoch, position, conversations, messages, nextCursor } = snapshot;
  await writer.clearServerState();
  await writer.putMessages(messages);
  const touched = new Touched();
  const waiting = new Set((await writer.listOutbox()).map((entry) => (entry.type === 'message' ? entry.clientMsgId : entry.target.clientMsgId)));
  for (const message of messages) {
    if (!waiting.has(message.clientMsgId)) continue;
    if (message.senderId === viewerId) await settleSent(writer, message, touched);
    if (message.deletedAt !== undefined) await settleDeleted(writer, message, touched);
    touched.addMessages([message]);
  }
  for (const conversation of conversations) {
    await writer.putConversation(conversation);
    await settleReceipts(writer, conversation);
    if (conversation.unreadCount === 0) continue;
    // Unread messages that no event told this device of have reached it now.
    const before = await writer.getReceipts(conversation.id);
    await writer.putReceipts({ conversationId: conversation.id, deliveredSeq: conversation.lastSeq, readSeq: before?.readSeq ?? 0 });
  }
  await writer.putLog({ ...(await writer.getLog()), epoch, position, olderConversations: nextCursor });
  return touched;
}
