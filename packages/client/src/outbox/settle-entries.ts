import type { ClientMsgId, Message } from '@couplet/protocol';
import type { StoreReader, StoreWriter } from '../store/store.ts';
import type { Touched } from '../store/touched.ts';
import { mergeMessage } from '../store/merge-rows.ts';
import { type ChangeEntry, isChangeEntry, type MessageEntry } from './outbox-entry.ts';
import { changesOf, timestampOf, tombstoneOf } from './present-outbox.ts';

/**
 * The viewer's own message is stored at the server, however this became known:
 * its entry is done, and the changes that waited for it learn its id. Within the
 * caller's transaction, like the row itself.
 */
export async function settleSent(writer: StoreWriter, message: Pick<Message, 'id' | 'senderId' | 'clientMsgId' | 'conversationId'>, touched: Touched): Promise<void> {
  const { id: messageId, conversationId } = message;
  if ((await writer.getOutboxEntry(message.clientMsgId)) === null) return;
  await writer.deleteOutboxEntry(message.clientMsgId);
  touched.outboxes.add(conversationId);
  const changes = (await writer.listOutbox(conversationId)).filter(isChangeEntry);
  for (const entry of changesOf(message, changes)) await writer.putOutboxEntry({ ...entry, target: { ...entry.target, messageId } });
}

/**
 * The server carried the change out: the entry is done, and the row is what it
 * answered. A deletion has no answer, so that the row becomes a tombstone here;
 * its event brings the time and the version.
 */
export async function settleChanged(writer: StoreWriter, entry: ChangeEntry, answer: Message | null, touched: Touched): Promise<void> {
  const [before = null] = await changedRow(writer, entry);
  const after = answer === null ? before && tombstoneOf(before, before.deletedAt ?? timestampOf(entry)) : mergeMessage(before, answer);
  await writer.deleteOutboxEntry(entry.id);
  touched.outboxes.add(entry.conversationId);
  if (after === null) return;
  await writer.putMessages([after]);
  touched.addMessages([after]);
  const conversation = await writer.getConversation(after.conversationId);
  if (conversation?.lastMessage?.seq !== after.seq) return;
  await writer.putConversation({ ...conversation, lastMessage: after });
  touched.conversations.add(conversation.id);
}

/** The stored row that the change is of, if it is on the device. */
async function changedRow(reader: StoreReader, { target }: ChangeEntry): Promise<Message[]> {
  const row = target.messageId === null ? null : await reader.getMessage(target.messageId);
  return row === null ? [] : [row];
}

/**
 * The message is deleted, however this became known: a deletion that waits is
 * done, and a reaction to it means nothing any more. An edit stays, for the
 * words are the person's: the server refuses it, and they can be copied.
 */
export async function settleDeleted(writer: StoreWriter, message: Pick<Message, 'senderId' | 'clientMsgId' | 'conversationId'>, touched: Touched): Promise<void> {
  const { conversationId } = message;
  const changes = (await writer.listOutbox(conversationId)).filter(isChangeEntry);
  for (const entry of changesOf(message, changes)) {
    if (entry.type === 'edit') continue;
    await writer.deleteOutboxEntry(entry.id);
    touched.outboxes.add(conversationId);
  }
}

/**
 * The server refused the message: it is not stored, so that what waited for it
 * becomes part of it. A later text is the text to be tried; where it was deleted
 * nothing is left to try.
 */
export async function settleRefused(writer: StoreWriter, entry: MessageEntry): Promise<void> {
  const changes = changesOf(entry, (await writer.listOutbox(entry.conversationId)).filter(isChangeEntry));
  const isDeleted = changes.some(({ type }) => type === 'delete');
  for (const change of changes) if (isDeleted || change.type === 'edit') await writer.deleteOutboxEntry(change.id);
  const text = changes.reduce((latest, change) => (change.type === 'edit' ? change.text : latest), entry.text);
  if (isDeleted) await writer.deleteOutboxEntry(entry.id);
  else await writer.putOutboxEntry({ ...entry, text });
}

/**
 * The server refused the change. It stays where the person sees it, unless they
 * have wished something else of the message since. Where neither the server nor
 * the device has the message there is no such place: the words of an edit become
 * a message that was not sent, and there is nothing else to be kept.
 */
export async function settleRefusedChange(writer: StoreWriter, entry: ChangeEntry, touched: Touched): Promise<void> {
  const changes = changesOf(entry.target, (await writer.listOutbox(entry.conversationId)).filter(isChangeEntry));
  const isOverruled = changes.some(({ type, order }) => order > entry.order && (type === entry.type || type === 'delete'));
  const rows = await changedRow(writer, entry);
  const isGone = rows.length === 0 && entry.state.status === 'failed' && entry.state.code === 'not_found';
  if (isOverruled || (isGone && entry.type !== 'edit')) await writer.deleteOutboxEntry(entry.id);
  else await writer.putOutboxEntry(isGone && entry.type === 'edit' ? messageOfEdit(entry) : entry);
  touched.addMessages(rows);
}

/** Sent again it is a message of its own, under the edit's id: that one never was a message's. */
function messageOfEdit({ id, conversationId, target, text, createdAt, state, ...sending }: ChangeEntry & { type: 'edit' }): MessageEntry {
  const { order, attempts, notBefore, heldUntil, mayBeStored } = sending;
  return { type: 'message', id, clientMsgId: id as ClientMsgId, conversationId, senderId: target.senderId, text, createdAt, state, order, attempts, notBefore, heldUntil, mayBeStored };
}
