import {
  type ClientMsgId,
  type ConversationId,
  CoupletError,
  LIMITS,
  type Message,
  type MessageId,
  type ReplyPreview,
  sendBodySchema,
  type UserId,
  uuidv7,
} from '@couplet/protocol';
import { dueNow } from '../outbox/outbox-policy.ts';
import { type OutboxEntry, type PendingMessage, toPendingMessage } from '../outbox/outbox-entry.ts';
import type { OutboxRunner } from '../outbox/outbox-runner.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import { mergeLastMessage, mergeMessage } from '../store/merge-rows.ts';
import type { Store } from '../store/store.ts';
import { Touched } from '../store/touched.ts';

export interface MessagesOptions {
  viewerId: UserId;
  store: Store;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  announce: Announce;
  outbox: OutboxRunner;
}

/** What the viewer says: through the outbox; and changes to what was said. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  async pending(conversationId: ConversationId): Promise<PendingMessage[]> {
    const entries = await this.#options.store.read((reader) => reader.listOutbox(conversationId));
    return entries.map(toPendingMessage);
  }

  /** In the store before any network call; rejects only with `validation_failed` or `not_found`. */
  async send(input: { conversationId: ConversationId; text: string; replyTo?: Message }): Promise<PendingMessage> {
    const { viewerId, store, clock, random, announce, outbox } = this.#options;
    const clientMsgId = uuidv7(clock.now(), (bytes) => random.fill(bytes)) as ClientMsgId;
    const parsed = sendBodySchema.safeParse({ clientMsgId, text: input.text });
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      throw new CoupletError('validation_failed', issues[0]?.message, { issues });
    }
    const entry = await store.transaction(async (writer) => {
      if ((await writer.getConversation(input.conversationId)) === null) throw new CoupletError('not_found');
      const last = (await writer.listOutbox()).at(-1);
      const written: OutboxEntry = {
        clientMsgId,
        conversationId: input.conversationId,
        senderId: viewerId,
        text: parsed.data.text,
        ...(input.replyTo === undefined ? {} : { replyTo: previewOf(input.replyTo) }),
        createdAt: clock.now(),
        state: { status: 'queued' },
        order: (last?.order ?? 0) + 1,
        attempts: 0,
        notBefore: 0,
      };
      await writer.putOutboxEntry(written);
      return written;
    });
    await this.#announceOutbox(announce, entry.conversationId);
    outbox.wake();
    return toPendingMessage(entry);
  }

  async retry(clientMsgId: ClientMsgId): Promise<void> {
    const { viewerId, store, announce, outbox } = this.#options;
    const conversationId = await store.transaction(async (writer) => {
      const entry = await writer.getOutboxEntry(clientMsgId);
      if (entry === null) {
        // Stored while the person reached for the button: what they wanted is done.
        if ((await writer.findMessageByClientMsgId(viewerId, clientMsgId)) !== null) return null;
        throw new CoupletError('not_found');
      }
      if (entry.state.status === 'sending') return null;
      await writer.putOutboxEntry(dueNow(entry));
      return entry.conversationId;
    });
    if (conversationId === null) return;
    await this.#announceOutbox(announce, conversationId);
    outbox.wake();
  }

  async discard(clientMsgId: ClientMsgId): Promise<void> {
    const { store, announce, outbox } = this.#options;
    const conversationId = await store.transaction(async (writer) => {
      const entry = await writer.getOutboxEntry(clientMsgId);
      await writer.deleteOutboxEntry(clientMsgId);
      return entry?.conversationId ?? null;
    });
    if (conversationId === null) return;
    await this.#announceOutbox(announce, conversationId);
    outbox.wake();
  }

  async edit(messageId: MessageId, text: string): Promise<void> {
    await this.#keep(await this.#options.api.call('editMessage', { params: { id: messageId }, body: { text } }));
  }

  /** The tombstone comes through the log. */
  async delete(messageId: MessageId): Promise<void> {
    await this.#options.api.call('deleteMessage', { params: { id: messageId } });
  }

  async react(messageId: MessageId, emoji: string | null): Promise<void> {
    const { api, store, viewerId } = this.#options;
    if (emoji !== null) {
      await this.#keep(await api.call('addReaction', { params: { id: messageId, emoji } }));
      return;
    }
    const message = await store.read((reader) => reader.getMessage(messageId));
    const own = message?.reactions.find(({ userId }) => userId === viewerId);
    if (own !== undefined) await this.#keep(await api.call('removeReaction', { params: { id: messageId, emoji: own.emoji } }));
  }

  async search(query: { q: string; conversationId?: ConversationId; cursor?: string }): Promise<{ items: Message[]; nextCursor: string | null }> {
    return this.#options.api.call('searchMessages', { query });
  }

  /** What the server answered to a change, before its event comes. */
  async #keep(message: Message): Promise<void> {
    const { store, announce } = this.#options;
    const touched = new Touched();
    await store.transaction(async (writer) => {
      const { conversationId, seq } = message;
      const [stored] = await writer.listMessages({ conversationId, fromSeq: seq, toSeq: seq });
      const merged = mergeMessage(stored ?? null, message);
      await writer.putMessages([merged]);
      touched.addMessages([merged]);
      const conversation = await writer.getConversation(conversationId);
      if (conversation?.lastMessage?.seq !== seq) return;
      await writer.putConversation({ ...conversation, lastMessage: mergeLastMessage(conversation.lastMessage, merged) });
      touched.conversations.add(conversationId);
    });
    await announce(touched);
  }

  async #announceOutbox(announce: Announce, conversationId: ConversationId): Promise<void> {
    const touched = new Touched();
    touched.outboxes.add(conversationId);
    await announce(touched);
  }
}

function previewOf({ id, seq, senderId, type, text }: Message): ReplyPreview {
  return { messageId: id, seq, senderId, type, excerpt: (text ?? '').slice(0, LIMITS.excerptLength) };
}
