import type { ChatMessage, Event, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { listCoveredMessages } from '../messages/messages-repository.ts';
import { chatMessageView } from './chat-view.ts';

/** Messages told as updated for one receipt: what a screen and some scrolling show. Older ones are right when they are next fetched. */
const TOLD = 50;

/** The messages whose state these receipts changed: those that each covered first, the newest of them. */
export async function findCoveredMessages(
  db: Queryable,
  links: AttachmentLinks,
  viewerId: UserId,
  receipts: readonly Extract<Event, { type: 'chat.message.delivered' | 'chat.message.read' }>[],
): Promise<ChatMessage[]> {
  const covered = await listCoveredMessages(
    db,
    links,
    viewerId,
    receipts.map(({ type, conversationId, userId, seq }) => ({ conversationId, userId, seq, kind: type === 'chat.message.read' ? 'read' : 'delivered' })),
    TOLD,
  );
  return covered.map((message) => chatMessageView(message, viewerId));
}
