import { type ConversationId, CoupletError, type Message, type UserId } from '@couplet/protocol';
import type { StoreReader, StoreWriter } from '../store/store.ts';
import { anew } from '../uploads/pending-upload.ts';
import type { Touched } from '../store/touched.ts';
import { type ChangeEntry, type ChangeTarget, isChangeEntry, type MessageEntry } from './outbox-entry.ts';
import { dueNow } from './outbox-policy.ts';
import { changesOf, presentMessage } from './present-outbox.ts';
import { takeChangeIn, type WantedChange } from './take-change-in.ts';

/** Who changes something, and when: epoch milliseconds and an id for the entry. */
export interface ChangeContext {
  viewerId: UserId;
  now: number;
  newId(): string;
}

/**
 * Takes a change of a message into the outbox, within the caller's transaction.
 * A message that has not gone out yet is changed itself: another text, or no
 * message at all.
 *
 * @param id the message's id; of one in the outbox, or acknowledged a moment ago, its clientMsgId
 * @throws CoupletError `not_found` when it is not on the device, `forbidden` to change another's words, `conflict` when it is deleted
 */
export async function writeChange(writer: StoreWriter, context: ChangeContext, id: string, wanted: WantedChange, touched: Touched): Promise<void> {
  const entry = await writer.getOutboxEntry(id);
  if (entry?.type === 'message') {
    touched.outboxes.add(entry.conversationId);
    if (await changeUnsent(writer, entry, wanted)) return;
    return addChange(writer, context, { conversationId: entry.conversationId, target: targetOf(entry), stored: null }, wanted);
  }
  const stored = (await writer.getMessage(id as Message['id'])) ?? (await writer.findMessageByClientMsgId(context.viewerId, id as Message['clientMsgId']));
  if (stored === null) throw new CoupletError('not_found');
  if (wanted.type !== 'reaction' && stored.senderId !== context.viewerId) throw new CoupletError('forbidden');
  const { conversationId } = stored;
  if (presentMessage(stored, await writer.listOutbox(conversationId)).deletedAt !== undefined) throw new CoupletError('conflict', 'The message was deleted.');
  await addChange(writer, context, { conversationId, target: targetOf(stored), stored }, wanted);
  await touchMessage(writer, stored, touched);
}

/** Takes an entry out because the person said so. A message that may have been stored goes out first, and is deleted then. */
export async function discardEntry(writer: StoreWriter, context: ChangeContext, id: string, touched: Touched): Promise<void> {
  const entry = await writer.getOutboxEntry(id);
  if (entry === null) return;
  if (entry.type === 'message') return writeChange(writer, context, id, { type: 'delete' }, touched);
  // Under way: what it asks for is being done.
  if (entry.state.status === 'sending') return;
  await writer.deleteOutboxEntry(id);
  await touchChanged(writer, entry, touched);
}

/** A failed entry goes back to the queue. `false` when there is no such entry. */
export async function retryEntry(writer: StoreWriter, id: string, touched: Touched): Promise<boolean> {
  const entry = await writer.getOutboxEntry(id);
  if (entry === null) return false;
  if (entry.state.status === 'sending') return true;
  await writer.putOutboxEntry(dueNow(entry.type === 'message' && entry.uploads ? { ...entry, uploads: entry.uploads.map(anew) } : entry));
  if (entry.type === 'message') touched.outboxes.add(entry.conversationId);
  else await touchChanged(writer, entry, touched);
  return true;
}

/** The next place in the outbox: behind everything written before. */
export async function nextOrder(reader: StoreReader): Promise<number> {
  return ((await reader.listOutbox()).at(-1)?.order ?? 0) + 1;
}

/** `false` when the message may be stored already: its text and its id are then for ever one, and a change has to follow it. */
async function changeUnsent(writer: StoreWriter, entry: MessageEntry, wanted: WantedChange): Promise<boolean> {
  if (entry.state.status === 'sending' || entry.mayBeStored || wanted.type === 'reaction') return false;
  const changes = changesOf(entry, (await writer.listOutbox(entry.conversationId)).filter(isChangeEntry));
  for (const change of changes) if (wanted.type === 'delete' || change.type === 'edit') await writer.deleteOutboxEntry(change.id);
  if (wanted.type === 'delete') await writer.deleteOutboxEntry(entry.id);
  else await writer.putOutboxEntry({ ...dueNow(entry), text: wanted.text });
  return true;
}

interface Changed {
  conversationId: ConversationId;
  target: ChangeTarget;
  /** As the server has it; `null` while it is in the outbox. */
  stored: Message | null;
}

async function addChange(writer: StoreWriter, { viewerId, now, newId }: ChangeContext, { conversationId, target, stored }: Changed, wanted: WantedChange): Promise<void> {
  const waiting = changesOf(target, (await writer.listOutbox(conversationId)).filter(isChangeEntry));
  const { add, drop } = takeChangeIn(viewerId, wanted, waiting, stored);
  for (const { id } of drop) await writer.deleteOutboxEntry(id);
  if (add === null) return;
  const entry: ChangeEntry = {
    ...add,
    id: newId(),
    conversationId,
    target,
    createdAt: now,
    state: { status: 'queued' },
    order: await nextOrder(writer),
    attempts: 0,
    notBefore: 0,
    heldUntil: 0,
    mayBeStored: false,
  };
  await writer.putOutboxEntry(entry);
}

function targetOf(message: MessageEntry | Message): ChangeTarget {
  return { senderId: message.senderId, clientMsgId: message.clientMsgId, messageId: 'seq' in message ? message.id : null };
}

async function touchChanged(reader: StoreReader, { conversationId, target }: ChangeEntry, touched: Touched): Promise<void> {
  touched.outboxes.add(conversationId);
  const row = target.messageId === null ? null : await reader.getMessage(target.messageId);
  if (row !== null) await touchMessage(reader, row, touched);
}

/** It looks different now, and so does the list row that shows it. */
async function touchMessage(reader: StoreReader, message: Message, touched: Touched): Promise<void> {
  touched.outboxes.add(message.conversationId);
  touched.addMessages([message]);
  const conversation = await reader.getConversation(message.conversationId);
  if (conversation?.lastMessage?.seq === message.seq) touched.conversations.add(conversation.id);
}
