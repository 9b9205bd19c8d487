import { CoupletError, type MessageId, type ReplyPreview, uuidv7 } from '@couplet/protocol';
import { isoFromMicros, type Micros, microsFromMillis } from '../database/timestamps.ts';
import type { StoredAttachment } from '../domains/attachments/stored-content.ts';
import { takeUploads, typeOfMessage } from './attach-uploads.ts';
import type { Outcome } from './batcher.ts';
import { duePushStatements } from './due-pushes.ts';
import { fillRandom } from './fill-random.ts';
import { type LockedConversation, type LockedForSends, lockForSends, replayKey } from './lock-for-sends.ts';
import type { SendRequest, StoredSend } from './sends.ts';
import { storeStatements } from './store-sends.ts';
import type { WriteConnection } from './write-connection.ts';
import type { Statement } from './write-transaction.ts';

/**
 * Stores many sends in one transaction, two round trips:
 *
 * 1. lock the members' event logs, then the conversations, then the uploads that
 *    are attached, each in id order (two batches of two nodes can then wait for
 *    each other but never deadlock), and
 *    only then look up replays: under the lock nobody else can be storing them;
 * 2. number everything here, write it with one statement per table, commit.
 *
 * Dense numbers come from the locks: a counter is read and written while it is
 * held, and nobody sees it before the commit.
 */
export async function commitSends(
  connection: WriteConnection,
  requests: readonly SendRequest[],
  options: { now: () => number; pushGraceSeconds: number },
): Promise<readonly Outcome<StoredSend>[]> {
  const lock = lockForSends(requests);
  let outcomes: readonly Outcome<StoredSend>[] = [];
  await connection.transaction(requests.length, {
    first: lock.statements,
    second(answers) {
      const batch = new NumberedBatch(lock.read(answers), microsFromMillis(options.now()));
      outcomes = requests.map((request) => batch.number(request));
      return batch.statements(options.pushGraceSeconds);
    },
  });
  return outcomes;
}

/** Numbers the sends of one batch in order, and remembers what has to be written. */
class NumberedBatch {
  readonly #locked: LockedForSends;
  readonly #now: Micros;
  readonly #stored: StoredSend[] = [];
  readonly #touchedConversations = new Set<LockedConversation>();

  constructor(locked: LockedForSends, now: Micros) {
    this.#locked = locked;
    this.#now = now;
  }

  number(request: SendRequest): Outcome<StoredSend> {
    const quote = request.replyToId ? this.#locked.quotes.get(request.replyToId) : undefined;
    const replay = this.#locked.replays.get(replayKey(request.senderId, request.clientMsgId));
    if (replay) {
      if (replay.conversationId !== request.conversationId) return rejected('conflict', 'This clientMsgId was used in another conversation.');
      // As it stands now: the device may have learnt of an edit while the first answer was lost.
      return { status: 'done', result: { ...replay, duplicate: true, replyTo: quote && previewOf(quote) } };
    }
    const conversation = this.#locked.conversations.get(request.conversationId);
    if (!conversation) return rejected('not_found');
    if (conversation.blocked) return rejected('blocked');
    if (request.replyToId && quote?.conversationId !== request.conversationId) {
      return rejected('not_found', 'The message replied to is not in this conversation.');
    }
    const attachments = takeUploads(this.#locked.uploads, request);
    if (attachments === null) return rejected('conflict', 'An attachment is not ready, not yours, or in a message already.');
    const stored = this.#append(conversation, request, quote, attachments);
    this.#locked.replays.set(replayKey(request.senderId, request.clientMsgId), stored);
    this.#stored.push(stored);
    return { status: 'done', result: stored };
  }

  #append(
    conversation: LockedConversation,
    request: SendRequest,
    quote: ReplyPreview | undefined,
    attachments: readonly StoredAttachment[],
  ): StoredSend {
    // The one who began the conversation already has it in the log; the other learns of it now.
    const newcomers = conversation.lastSeq === 0 ? [request.senderId, request.receiverId].filter((id) => id !== conversation.initiatorId) : [];
    const begun = newcomers.map((userId) => ({ userId, position: this.#locked.logs.nextPosition(userId) }));
    conversation.lastSeq += 1;
    // Strictly increasing with seq, whatever the clocks of the nodes say.
    conversation.lastActivity = Math.max(this.#now, conversation.lastActivity + 1);
    const senderIsA = request.senderId === conversation.userAId;
    if (senderIsA) conversation.unreadB += 1;
    else conversation.unreadA += 1;
    this.#touchedConversations.add(conversation);
    return {
      duplicate: false,
      messageId: uuidv7(Math.floor(this.#now / 1000), fillRandom) as MessageId,
      conversationId: conversation.id,
      senderId: request.senderId,
      receiverId: request.receiverId,
      clientMsgId: request.clientMsgId,
      type: typeOfMessage(attachments),
      text: request.text,
      attachments,
      seq: conversation.lastSeq,
      createdAt: isoFromMicros(conversation.lastActivity),
      replyTo: quote && previewOf(quote),
      senderPosition: this.#locked.logs.nextPosition(request.senderId),
      receiverPosition: this.#locked.logs.nextPosition(request.receiverId),
      senderUnread: senderIsA ? conversation.unreadA : conversation.unreadB,
      receiverUnread: senderIsA ? conversation.unreadB : conversation.unreadA,
      begun,
      origin: request.origin,
      requestId: request.requestId,
    };
  }

  statements(pushGraceSeconds: number): Statement[] {
    if (this.#stored.length === 0) return [];
    const { logs } = this.#locked;
    return [...storeStatements(this.#stored, [...this.#touchedConversations], logs), ...duePushStatements(this.#stored, logs, pushGraceSeconds)];
  }
}

/** Without what else was read of the message. */
function previewOf({ messageId, seq, senderId, type, excerpt }: ReplyPreview): ReplyPreview {
  return { messageId, seq, senderId, type, excerpt };
}

function rejected(code: 'conflict' | 'not_found' | 'blocked', detail?: string): Outcome<never> {
  return { status: 'rejected', error: new CoupletError(code, detail) };
}
