import type { Conversation, ConversationId } from '@couplet/protocol';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import { presentMessage } from '../outbox/present-outbox.ts';
import type { PendingReceipts, PendingSettings, StoreReader } from '../store/store.ts';

/** What the viewer did in conversations and the server has not confirmed. */
export interface Unconfirmed {
  settings: ReadonlyMap<ConversationId, PendingSettings>;
  receipts: ReadonlyMap<ConversationId, PendingReceipts>;
}

/** Of all conversations, in two reads: for who presents many. */
export async function readUnconfirmed(reader: StoreReader): Promise<Unconfirmed> {
  const [settings, receipts] = await Promise.all([reader.listSettings(), reader.listReceipts()]);
  return { settings: new Map(settings.map((row) => [row.conversationId, row])), receipts: new Map(receipts.map((row) => [row.conversationId, row])) };
}

/**
 * A conversation as the viewer sees it on this device: the server's state with
 * what the viewer did and the server has not confirmed yet laid over it. The
 * stored row stays the server's truth.
 *
 * @param outbox that of this conversation at least, in order
 * @param unconfirmed read for this conversation when left out
 */
export async function presentConversation(
  reader: StoreReader,
  conversation: Conversation,
  outbox: readonly OutboxEntry[],
  unconfirmed: Unconfirmed | null = null,
): Promise<Conversation> {
  const pending = unconfirmed === null ? await reader.getSettings(conversation.id) : unconfirmed.settings.get(conversation.id);
  const receipts = unconfirmed === null ? await reader.getReceipts(conversation.id) : unconfirmed.receipts.get(conversation.id);
  const lastMessage = conversation.lastMessage && presentMessage(conversation.lastMessage, outbox);
  const shown = { ...conversation, lastMessage, ...pending?.settings };
  const readSeq = receipts?.readSeq ?? 0;
  if (readSeq <= conversation.readSeq) return shown;
  return { ...shown, readSeq, unreadCount: await countUnread(reader, conversation, readSeq) };
}

/** Unread above a watermark that the server has not confirmed: counted where the rows are here, else bounded. */
async function countUnread(reader: StoreReader, conversation: Conversation, readSeq: number): Promise<number> {
  const above = conversation.lastSeq - readSeq;
  if (above <= 0) return 0;
  const bound = Math.min(conversation.unreadCount, above);
  if (above > COUNTED_ROWS) return bound;
  const rows = await reader.listMessages({ conversationId: conversation.id, fromSeq: readSeq + 1, toSeq: conversation.lastSeq });
  if (rows.length < above) return bound;
  return rows.filter(({ senderId, deletedAt }) => senderId === conversation.peer.id && deletedAt === undefined).length;
}

/** Above this a badge shows "99+" anyway. */
const COUNTED_ROWS = 200;
