import { CoupletError, type Message, type MessageId, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { Fanout } from '../../fanout/fanout.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { findMessageMembers, findMessages, lockMessage, type LockedMessage } from './messages-repository.ts';

export interface ChangeMessageNeeds {
  pool: pg.Pool;
  log: EventLogReader;
  fanout: Fanout;
  attachmentLinks: AttachmentLinks;
}

/**
 * The way every change of a stored message takes: lock the logs of both members,
 * the conversation and the message, let `change` write, and tell both members
 * of each message that looks different now. `change` answers which those are,
 * none when nothing changed; it throws to refuse.
 *
 * @throws CoupletError `not_found` when the viewer is not a member of the message's conversation
 */
export async function changeMessage(
  needs: ChangeMessageNeeds,
  viewerId: UserId,
  messageId: MessageId,
  change: (tx: Transaction, message: LockedMessage) => Promise<readonly MessageId[]>,
): Promise<Message> {
  const members = await findMessageMembers(needs.pool, messageId);
  if (!members || (members.senderId !== viewerId && members.receiverId !== viewerId)) throw new CoupletError('not_found');
  const both = [members.senderId, members.receiverId];
  const appended = await inTransaction(needs.pool, async (tx) => {
    await lockEventLogs(tx, both);
    const locked = await lockMessage(tx, messageId);
    if (!locked) throw new CoupletError('not_found');
    const changed = await change(tx, locked);
    return appendEvents(
      tx,
      changed.flatMap((id) => both.map((userId) => ({ userId, type: 'chat.message.updated', conversationId: locked.conversationId, messageId: id }) as const)),
    );
  });
  await deliverAppended(needs.log, needs.fanout, appended);
  const [message] = await findMessages(needs.pool, needs.attachmentLinks, viewerId, [messageId]);
  if (!message) throw new CoupletError('internal');
  return message;
}
