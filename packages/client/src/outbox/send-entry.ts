import { CoupletError, type Message } from '@couplet/protocol';
import type { ApiClient } from '../session/api-client.ts';
import type { SentMessage, TransportConnection } from '../transports/transport.ts';
import { readyAttachments } from '../uploads/pending-upload.ts';
import type { ChangeEntry, MessageEntry } from './outbox-entry.ts';

/** Rejects with `CoupletError`; sent again it is the same message, with the same answer. */
export function sendMessageEntry(connection: TransportConnection, entry: MessageEntry): Promise<SentMessage> {
  const { conversationId, clientMsgId, text, replyTo } = entry;
  const attachments = readyAttachments(entry.uploads) ?? [];
  return connection.send({
    conversationId,
    clientMsgId,
    ...(text === '' ? {} : { text }),
    ...(attachments.length === 0 ? {} : { attachments: attachments.map(({ id }) => id) }),
    ...(replyTo === undefined ? {} : { replyToId: replyTo.messageId }),
  });
}

/**
 * Answers the message as the server has it now; `null` for a deletion, which has
 * no other answer than that it is done. Each says how the message shall be, not
 * what to do to it: sent again it changes nothing. Rejects with `CoupletError`.
 */
export function sendChangeEntry(api: ApiClient, entry: ChangeEntry): Promise<Message | null> {
  const id = entry.target.messageId;
  if (id === null) return Promise.reject(new CoupletError('not_found', 'The message that this would change was never sent.'));
  switch (entry.type) {
    case 'edit':
      return api.call('editMessage', { params: { id }, body: { text: entry.text } });
    case 'delete':
      return api.call('deleteMessage', { params: { id } });
    case 'reaction':
      if (entry.emoji !== null) return api.call('addReaction', { params: { id, emoji: entry.emoji } });
      return api.call('removeReaction', { params: { id, emoji: entry.before ?? ANY_EMOJI } });
  }
}

/** A reaction is taken back whichever it is, one per person; the address names one all the same. */
const ANY_EMOJI = '👍';
