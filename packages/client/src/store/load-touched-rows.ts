import type { ConversationId, Event, Message, UserId } from '@couplet/protocol';
import type { TouchedRows } from './apply-event.ts';
import { sortableTimestamp } from './compare-timestamps.ts';
import type { StoreReader } from './store.ts';

/** Reads from the store what `applyEvent` needs to see. */
export async function loadTouchedRows(reader: StoreReader, event: Event): Promise<TouchedRows> {
  switch (event.type) {
    case 'chat.message.new':
    case 'chat.message.updated': {
      const { conversationId, seq } = event.message;
      return {
        conversation: await reader.getConversation(conversationId),
        messages: await reader.listMessages({ conversationId, fromSeq: seq, toSeq: seq }),
      };
    }
    case 'chat.message.delivered':
    case 'chat.message.read':
      return {
        conversation: await reader.getConversation(event.conversationId),
        messages: await loadUnmarked(reader, event.conversationId, event.seq, (message) => isMarked(message, event)),
      };
    case 'conversation.updated':
      return { conversation: await reader.getConversation(event.conversation.id), messages: [] };
  }
}

/**
 * The stretch of messages below a receipt's seq that may still lack its time.
 * Goes down until one is found that an earlier receipt has marked: that one
 * covered everything below. A mark by this receipt or a later one says nothing:
 * a message comes from the log as it stands, ahead of the receipts that follow it.
 */
async function loadUnmarked(
  reader: StoreReader,
  conversationId: ConversationId,
  upToSeq: number,
  marked: (message: Message) => boolean,
): Promise<Message[]> {
  const found: Message[] = [];
  for (let toSeq = upToSeq; toSeq > 0; toSeq -= SCAN_CHUNK) {
    const rows = await reader.listMessages({ conversationId, fromSeq: Math.max(1, toSeq - SCAN_CHUNK + 1), toSeq });
    found.push(...rows);
    if (rows.length === 0 || rows.some(marked)) break;
  }
  return found;
}

function isMarked(message: Message, event: { type: 'chat.message.delivered' | 'chat.message.read'; userId: UserId; at: string }): boolean {
  if (message.senderId === event.userId) return false;
  const markedAt = event.type === 'chat.message.read' ? message.readAt : message.deliveredAt;
  return markedAt !== undefined && sortableTimestamp(markedAt) < sortableTimestamp(event.at);
}

/** A screenful or two: a receipt usually covers the last few messages. */
const SCAN_CHUNK = 50;
