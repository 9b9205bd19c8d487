import type { Message } from '@couplet/protocol';
import { type ChangeEntry, type ChangeTarget, isChangeEntry, isMessageEntry, type MessageEntry, type OutboxEntry, type PendingChange, type PendingMessage } from './outbox-entry.ts';

/**
 * Messages as the viewer sees them on this device: as the server has them, with
 * what the viewer changed and the server has not confirmed yet laid over them.
 * The stored rows stay the server's truth.
 *
 * @param outbox those of the messages' conversations at least, in order
 */
export function presentMessages(messages: readonly Message[], outbox: readonly OutboxEntry[]): Message[] {
  const changes = outbox.filter(isChangeEntry);
  return messages.map((message) => changesOf(message, changes).reduce(withChange, message));
}

export function presentMessage(message: Message, outbox: readonly OutboxEntry[]): Message {
  return changesOf(message, outbox.filter(isChangeEntry)).reduce(withChange, message);
}

/** The messages of the outbox, in order, with the changes that wait for them. */
export function presentPending(outbox: readonly OutboxEntry[]): PendingMessage[] {
  const changes = outbox.filter(isChangeEntry);
  return outbox.filter(isMessageEntry).map((entry) => changesOf(entry, changes).reduce(withPendingChange, pendingOf(entry)));
}

/** The changes of the outbox, in order. */
export function presentChanges(outbox: readonly OutboxEntry[]): PendingChange[] {
  return outbox.filter(isChangeEntry).map(({ order: _order, attempts: _attempts, notBefore: _notBefore, heldUntil: _heldUntil, mayBeStored: _mayBeStored, ...change }) => change);
}

/** Those of this message, in order. */
export function changesOf<Change extends { target: ChangeTarget }>(message: Pick<Message, 'senderId' | 'clientMsgId'>, changes: readonly Change[]): Change[] {
  return changes.filter(({ target }) => target.clientMsgId === message.clientMsgId && target.senderId === message.senderId);
}

function withChange(message: Message, change: ChangeEntry): Message {
  // What is deleted stays so, whatever was wished of it.
  if (message.deletedAt !== undefined) return message;
  switch (change.type) {
    case 'edit':
      // Also when it failed: these are the person's words, and they stay where they can be taken up again.
      return { ...message, text: change.text, editedAt: message.editedAt ?? timestampOf(change) };
    case 'delete':
      return change.state.status === 'failed' ? message : tombstoneOf(message, timestampOf(change));
    case 'reaction': {
      if (change.state.status === 'failed') return message;
      const { userId, emoji } = change;
      const others = message.reactions.filter((reaction) => reaction.userId !== userId);
      return { ...message, reactions: emoji === null ? others : [...others, { userId, emoji }] };
    }
  }
}

/** What remains of a deleted message. */
export function tombstoneOf(message: Message, deletedAt: string): Message {
  const { text: _text, replyTo: _replyTo, ...rest } = message;
  return { ...rest, attachments: [], reactions: [], deletedAt };
}

function withPendingChange(pending: PendingMessage, change: ChangeEntry): PendingMessage {
  switch (change.type) {
    case 'edit':
      return { ...pending, text: change.text };
    case 'delete':
      return { ...pending, isDeleted: true };
    case 'reaction':
      return pending;
  }
}

function pendingOf(entry: MessageEntry): PendingMessage {
  const { type: _type, id: _id, order: _order, attempts: _attempts, notBefore: _notBefore, heldUntil: _heldUntil, mayBeStored: _mayBeStored, ...pending } = entry;
  return pending;
}

export function timestampOf({ createdAt }: ChangeEntry): string {
  return new Date(createdAt).toISOString();
}
