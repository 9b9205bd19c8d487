import { type Conversation, type ConversationId, LIMITS, type Message } from '@couplet/protocol';
import type { MessagePage, MessagePageQuery } from '../messenger-interface.ts';
import { presentMessages } from '../outbox/present-outbox.ts';
import type { ApiClient } from '../session/api-client.ts';
import { mergeConversation, mergeMessage } from '../store/merge-rows.ts';
import type { Store, StoreReader } from '../store/store.ts';
import { anchorSeq, pageRange, type SeqRange } from './page-range.ts';

export interface MessagePagesOptions {
  store: Store;
  api: ApiClient;
}

/** Pages of a conversation: from the device where it has every seq of the page, else from the server, and kept. */
export class MessagePages {
  readonly #options: MessagePagesOptions;

  constructor(options: MessagePagesOptions) {
    this.#options = options;
  }

  /** As the viewer sees them: what they changed shows, confirmed or not. */
  async page(query: MessagePageQuery): Promise<MessagePage> {
    const { store } = this.#options;
    const limit = Math.min(query.limit, LIMITS.pageSize);
    const conversation = await this.#requireConversation(query.conversationId);
    const range = pageRange(query, conversation.lastSeq, limit);
    const size = range.toSeq - range.fromSeq + 1;
    if (size <= 0) return pageOf([], conversation, range);
    const local = await store.read(async (reader) => present(reader, conversation.id, await reader.listMessages({ conversationId: conversation.id, ...range })));
    if (local.length === size) return pageOf(local, conversation, range);
    try {
      return pageOf(await this.#fetch(conversation.id, range), conversation, range);
    } catch (error) {
      // Without the server, the unbroken stretch that touches what was asked for.
      const stretch = unbroken(local, anchorSeq(query, range));
      if (stretch.length === 0) throw error;
      return pageOf(stretch, conversation, range);
    }
  }

  async #requireConversation(id: ConversationId): Promise<Conversation> {
    const { store, api } = this.#options;
    const stored = await store.read((reader) => reader.getConversation(id));
    if (stored !== null) return stored;
    const fetched = await api.call('getConversation', { params: { id } });
    return store.transaction(async (writer) => {
      const merged = mergeConversation(await writer.getConversation(id), fetched);
      await writer.putConversation(merged);
      return merged;
    });
  }

  /** The same rows through the version guard: an event may have been faster than the page. */
  async #fetch(conversationId: ConversationId, range: SeqRange): Promise<Message[]> {
    const { store, api } = this.#options;
    const { items } = await api.call('listMessages', {
      params: { id: conversationId },
      query: { before: String(range.toSeq + 1), limit: String(range.toSeq - range.fromSeq + 1) },
    });
    return store.transaction(async (writer) => {
      const stored = new Map((await writer.listMessages({ conversationId, ...range })).map((message) => [message.seq, message]));
      const inRange = items.filter(({ seq }) => seq >= range.fromSeq && seq <= range.toSeq);
      for (const message of inRange) stored.set(message.seq, mergeMessage(stored.get(message.seq) ?? null, message));
      const merged = [...stored.values()].sort((a, b) => a.seq - b.seq);
      await writer.putMessages(merged);
      return present(writer, conversationId, merged);
    });
  }
}

/** Rows and outbox of one moment: between two of them a change is confirmed. */
async function present(reader: StoreReader, conversationId: ConversationId, rows: readonly Message[]): Promise<Message[]> {
  return presentMessages(rows, await reader.listOutbox(conversationId));
}

function pageOf(items: Message[], { lastSeq }: Conversation, range: SeqRange): MessagePage {
  const first = items[0]?.seq ?? range.fromSeq;
  const last = items.at(-1)?.seq ?? range.toSeq;
  return { items, hasOlder: first > 1, hasNewer: last < lastSeq };
}

/** The rows around `anchor` that follow each other; none if the anchor itself is missing. */
function unbroken(rows: readonly Message[], anchor: number): Message[] {
  const at = rows.findIndex(({ seq }) => seq === anchor);
  if (at < 0) return [];
  let from = at;
  while (from > 0 && rows[from - 1]?.seq === (rows[from]?.seq ?? 0) - 1) from -= 1;
  let to = at;
  while (to < rows.length - 1 && rows[to + 1]?.seq === (rows[to]?.seq ?? 0) + 1) to += 1;
  return rows.slice(from, to + 1);
}
