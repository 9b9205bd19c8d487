import { CoupletError, type Message } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { StoredSend } from '../../write-path/sends.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { newMessageView } from './message-view.ts';
import { findMessages } from './messages-repository.ts';

export interface StoredMessageNeeds {
  pool: Queryable;
  attachmentLinks: AttachmentLinks;
}

/**
 * The message that a send stored, as its sender sees it. Of a replay as it
 * stands now: it may have been received, read, changed or deleted since.
 */
export async function storedMessage(needs: StoredMessageNeeds, stored: StoredSend): Promise<Message> {
  if (!stored.duplicate) return newMessageView(stored, needs.attachmentLinks);
  const [message] = await findMessages(needs.pool, needs.attachmentLinks, stored.senderId, [stored.messageId]);
  if (!message) throw new CoupletError('internal');
  return message;
}
