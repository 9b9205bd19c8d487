import type { ConversationId, Event, Message, UserId } from '@couplet/protocol';
import { settleDeleted, settleSent } from '../outbox/settle-entries.ts';
import type { Report } from '../problem-log.ts';
import { applyEvent, type EventChanges } from './apply-event.ts';
import { BatchedWriter, type ExpectedRows } from './batched-writer.ts';
import { loadTouchedRows } from './load-touched-rows.ts';
import { settleReceipts } from './settle-receipts.ts';
import type { StoreWriter } from './store.ts';
import type { Touched } from './touched.ts';

/**
 * What takes a place in the user's log: an event, or the viewer's own send, of
 * which the sending connection learns by the acknowledgement alone.
 */
export type LogEntry = Event | AcknowledgedSend;

export interface AcknowledgedSend {
  type: 'acknowledged';
  position: number;
  message: Message;
}

/**
 * Applies events to the store, in order, within the caller's transaction: the rows
 * of all of them are read at once and written at once. An event that cannot be
 * applied is skipped and reported; it never holds up those after it.
 */
export async function writeEvents(
  writer: StoreWriter,
  context: { viewerId: UserId; report: Report; touched: Touched; wordsOfNew?: 'changed' | 'later' },
  entries: readonly LogEntry[],
): Promise<void> {
  const batch = new BatchedWriter(writer, context.wordsOfNew);
  await batch.load(rowsOf(entries));
  await applyEach(batch.rows, context, entries);
  await batch.flush();
}

function rowsOf(entries: readonly LogEntry[]): ExpectedRows {
  const conversations = entries.map(conversationOf);
  const messages = entries.flatMap((entry) => ('message' in entry ? [entry.message] : []));
  return { conversations: new Set(conversations), messages };
}

/** The conversation that an entry is about. */
function conversationOf(entry: LogEntry): ConversationId {
  if (entry.type === 'conversation.updated') return entry.conversation.id;
  return 'message' in entry ? entry.message.conversationId : entry.conversationId;
}

async function applyEach(
  writer: StoreWriter,
  context: { viewerId: UserId; report: Report; touched: Touched },
  entries: readonly LogEntry[],
): Promise<void> {
  for (const entry of entries) {
    const event = entry.type === 'acknowledged' ? await eventOf(writer, entry) : entry;
    const rows = await loadTouchedRows(writer, event);
    let changes: EventChanges;
    try {
      changes = applyEvent(context.viewerId, rows, event);
    } catch (error) {
      context.report(`event ${event.type} at ${event.position}`, error);
      continue;
    }
    await writeChanges(writer, changes, context.touched);
  }
}

/** One's own message leaves one's unread count as it is. */
async function eventOf(writer: StoreWriter, { position, message }: AcknowledgedSend): Promise<Event> {
  const conversation = await writer.getConversation(message.conversationId);
  return { type: 'chat.message.new', position, message, unreadCount: conversation?.unreadCount ?? 0 };
}

async function writeChanges(writer: StoreWriter, changes: EventChanges, touched: Touched): Promise<void> {
  const { conversation, messages, sent, received } = changes;
  if (messages.length > 0) {
    await writer.putMessages(messages);
    touched.addMessages(messages);
    for (const message of messages) if (message.deletedAt !== undefined) await settleDeleted(writer, message, touched);
  }
  if (conversation !== null) {
    await writer.putConversation(conversation);
    await settleReceipts(writer, conversation);
    touched.conversations.add(conversation.id);
  }
  if (sent !== null) await settleSent(writer, sent, touched);
  if (received !== null) {
    // In the same transaction as the message: a device that dies right after
    // still confirms the delivery when it is back.
    const { conversationId, seq } = received;
    const before = await writer.getReceipts(conversationId);
    const readSeq = before?.readSeq ?? 0;
    if (seq > Math.max(readSeq, before?.deliveredSeq ?? 0)) await writer.putReceipts({ conversationId, deliveredSeq: seq, readSeq });
  }
}
