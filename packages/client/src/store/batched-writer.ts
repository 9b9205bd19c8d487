import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import type { PendingReceipts, StoreWriter, WordsOfRows } from './store.ts';

type Key = ConversationId;

/** Which rows a batch of events will look at. */
export interface ExpectedRows {
  conversations: ReadonlySet<ConversationId>;
  messages: readonly { conversationId: ConversationId; seq: number }[];
}

/**
 * A transaction's writer for many small changes: rows are read together before
 * them, once each, and written together by `flush`. Hundreds of events of a
 * catch-up then cost a few waits for the database instead of some each.
 *
 * What it does not keep itself goes straight to the transaction, after what was
 * kept: the rows that one sees are always those of the other.
 */
export class BatchedWriter {
  readonly #writer: StoreWriter;
  readonly #conversations = new Map<Key, Conversation | null>();
  readonly #receipts = new Map<Key, PendingReceipts | null>();
  /** `null`: known not to be there. */
  readonly #messages = new Map<Key, Map<number, Message | null>>();
  readonly #changedConversations = new Set<Key>();
  readonly #changedReceipts = new Set<Key>();
  /** With the row that stood there before this batch; `undefined` where it was not looked at. */
  readonly #changedMessages = new Map<Key, Map<number, Message | null | undefined>>();
  /** Read once where many entries will be asked for; `null` until then. */
  #outbox: Map<string, OutboxEntry> | null = null;
  readonly #wordsOfNew: WordsOfRows;
  /** The same as a `StoreWriter`. */
  readonly rows: StoreWriter;

  /** @param wordsOfNew what the search has to learn of messages that were not there */
  constructor(writer: StoreWriter, wordsOfNew: Extract<WordsOfRows, 'changed' | 'later'> = 'changed') {
    this.#writer = writer;
    this.#wordsOfNew = wordsOfNew;
    this.rows = this.#asWriter();
  }

  async load({ conversations, messages }: ExpectedRows): Promise<void> {
    const ranges = new Map<Key, { fromSeq: number; toSeq: number; seqs: Set<number> }>();
    for (const { conversationId, seq } of messages) {
      const range = ranges.get(conversationId) ?? { fromSeq: seq, toSeq: seq, seqs: new Set() };
      ranges.set(conversationId, { fromSeq: Math.min(range.fromSeq, seq), toSeq: Math.max(range.toSeq, seq), seqs: range.seqs.add(seq) });
    }
    await Promise.all([
      ...(messages.length > 1 ? [this.#loadOutbox()] : []),
      ...[...conversations].map(async (id) => void this.#conversations.set(id, await this.#writer.getConversation(id))),
      ...(conversations.size > FEW ? [this.#loadReceipts(conversations)] : [...conversations].map(async (id) => void this.#receipts.set(id, await this.#writer.getReceipts(id)))),
      ...[...ranges]
        // Far apart they are read when their turn comes: the rows between would cost more.
        .filter(([, { fromSeq, toSeq, seqs }]) => toSeq - fromSeq < seqs.size * MOST_BETWEEN)
        .map(async ([conversationId, { fromSeq, toSeq, seqs }]) => {
          const known = this.#messagesOf(conversationId);
          for (const seq of seqs) known.set(seq, null);
          for (const message of await this.#writer.listMessages({ conversationId, fromSeq, toSeq })) known.set(message.seq, message);
        }),
    ]);
  }

  async flush(): Promise<void> {
    const messages: Record<WordsOfRows, Message[]> = { changed: [], later: [], same: [] };
    for (const [id, seqs] of this.#changedMessages) {
      for (const [seq, before] of seqs) {
        const message = this.#messagesOf(id).get(seq);
        if (message) messages[this.#wordsOf(before, message)].push(message);
      }
    }
    const conversations = [...this.#changedConversations].flatMap((id) => this.#conversations.get(id) ?? []);
    const receipts = [...this.#changedReceipts].map((id) => [id, this.#receipts.get(id) ?? null] as const);
    this.#changedMessages.clear();
    this.#changedConversations.clear();
    this.#changedReceipts.clear();
    await Promise.all([
      ...(['changed', 'later', 'same'] as const).flatMap((words) => (messages[words].length === 0 ? [] : [this.#writer.putMessages(messages[words], words)])),
      ...conversations.map((conversation) => this.#writer.putConversation(conversation)),
      ...receipts.map(([id, row]) => (row === null ? this.#writer.deleteReceipts(id) : this.#writer.putReceipts(row))),
    ]);
  }

  #asWriter(): StoreWriter {
    const writer = this.#writer;
    /** Whatever it reads or clears, it must find what was written before. */
    const afterFlush =
      <Arguments extends unknown[], Result>(method: (...args: Arguments) => Promise<Result>) =>
      async (...args: Arguments): Promise<Result> => {
        await this.flush();
        return method.apply(writer, args);
      };
    const forgetting =
      <Arguments extends unknown[]>(method: (...args: Arguments) => Promise<void>) =>
      async (...args: Arguments): Promise<void> => {
        await this.flush();
        for (const kept of [this.#conversations, this.#receipts, this.#messages]) kept.clear();
        this.#outbox = null;
        await method.apply(writer, args);
      };
    return {
      getConversation: async (id) => {
        if (!this.#conversations.has(id)) this.#conversations.set(id, await writer.getConversation(id));
        return this.#conversations.get(id) ?? null;
      },
      putConversation: async (conversation) => {
        this.#conversations.set(conversation.id, conversation);
        this.#changedConversations.add(conversation.id);
      },
      getReceipts: async (id) => {
        if (!this.#receipts.has(id)) this.#receipts.set(id, await writer.getReceipts(id));
        return this.#receipts.get(id) ?? null;
      },
      putReceipts: async (receipts) => this.#setReceipts(receipts.conversationId, receipts),
      deleteReceipts: async (id) => this.#setReceipts(id, null),
      listMessages: (query) => this.#listMessages(query),
      // What the search has to learn is seen here, from the rows themselves.
      putMessages: async (messages) => {
        for (const message of messages) this.#setMessage(message);
      },
      // Tables of their own.
      getLog: () => writer.getLog(),
      putLog: (log) => writer.putLog(log),
      getOutboxEntry: async (id) => (this.#outbox === null ? writer.getOutboxEntry(id) : (this.#outbox.get(id) ?? null)),
      putOutboxEntry: (entry) => {
        this.#outbox?.set(entry.id, entry);
        return writer.putOutboxEntry(entry);
      },
      deleteOutboxEntry: (id) => {
        this.#outbox?.delete(id);
        return writer.deleteOutboxEntry(id);
      },
      listOutbox: (id) => writer.listOutbox(id),
      getSettings: (id) => writer.getSettings(id),
      putSettings: (settings) => writer.putSettings(settings),
      deleteSettings: (id) => writer.deleteSettings(id),
      listSettings: () => writer.listSettings(),
      getPlace: (id) => writer.getPlace(id),
      putPlace: (id, place) => writer.putPlace(id, place),
      findConversationWith: afterFlush(writer.findConversationWith),
      listConversations: afterFlush(writer.listConversations),
      getMessage: afterFlush(writer.getMessage),
      findMessageByClientMsgId: afterFlush(writer.findMessageByClientMsgId),
      searchMessages: afterFlush(writer.searchMessages),
      isSearchComplete: afterFlush(writer.isSearchComplete),
      indexEarlierMessages: afterFlush(writer.indexEarlierMessages),
      listReceipts: afterFlush(writer.listReceipts),
      clearServerState: forgetting(writer.clearServerState),
      clear: forgetting(writer.clear),
    };
  }

  async #listMessages(query: { conversationId: ConversationId; fromSeq: number; toSeq: number }): Promise<Message[]> {
    const known = this.#messagesOf(query.conversationId);
    if (query.fromSeq === query.toSeq && known.has(query.fromSeq)) return [known.get(query.fromSeq) ?? []].flat();
    const stored = await this.#writer.listMessages(query);
    const changed = this.#changedMessages.get(query.conversationId);
    if (changed === undefined) return stored;
    const rows = new Map(stored.map((message) => [message.seq, message]));
    for (const seq of changed.keys()) {
      const message = known.get(seq);
      if (message && seq >= query.fromSeq && seq <= query.toSeq) rows.set(seq, message);
    }
    return [...rows.values()].sort((a, b) => a.seq - b.seq);
  }

  async #loadOutbox(): Promise<void> {
    this.#outbox = new Map((await this.#writer.listOutbox()).map((entry) => [entry.id, entry]));
  }

  /** All there are, at once: a row for each conversation with something to confirm. */
  async #loadReceipts(expected: ReadonlySet<ConversationId>): Promise<void> {
    for (const id of expected) this.#receipts.set(id, null);
    for (const receipts of await this.#writer.listReceipts()) this.#receipts.set(receipts.conversationId, receipts);
  }

  #setMessage(message: Message): void {
    const { conversationId, seq } = message;
    const known = this.#messagesOf(conversationId);
    const changed = this.#changedMessages.get(conversationId) ?? new Map<number, Message | null | undefined>();
    if (!changed.has(seq)) changed.set(seq, known.get(seq));
    this.#changedMessages.set(conversationId, changed);
    known.set(seq, message);
  }

  #wordsOf(before: Message | null | undefined, after: Message): WordsOfRows {
    if (before === null) return this.#wordsOfNew;
    const isSame = before !== undefined && before.id === after.id && before.text === after.text && before.deletedAt === after.deletedAt;
    return isSame ? 'same' : 'changed';
  }

  #setReceipts(id: Key, receipts: PendingReceipts | null): void {
    this.#receipts.set(id, receipts);
    this.#changedReceipts.add(id);
  }

  #messagesOf(id: Key): Map<number, Message | null> {
    const known = this.#messages.get(id) ?? new Map<number, Message | null>();
    this.#messages.set(id, known);
    return known;
  }
}

/** Up to so many rows are read one by one: a page of a catch-up wants a hundred, and each is a wait for the database. */
const FEW = 8;

/** Rows read for one that is wanted. */
const MOST_BETWEEN = 4;
