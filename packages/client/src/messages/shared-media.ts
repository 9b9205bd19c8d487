import type { ConversationId, Message, SharedMediaKind } from '@couplet/protocol';
import type { SharedMediaPage, SharedMediaQuery } from '../messenger-interface.ts';
import { presentMessages } from '../outbox/present-outbox.ts';
import type { ApiClient } from '../session/api-client.ts';
import { mergeMessage } from '../store/merge-rows.ts';
import type { Store } from '../store/store.ts';

export interface SharedMediaOptions {
  store: Store;
  /** Newest first; `hasMore` in the direction that was asked for. */
  askServer(query: { conversationId: ConversationId; kind: SharedMediaKind; limit: number; place: { at: 'before' | 'after'; seq: number } }): Promise<{ items: Message[]; hasMore: boolean }>;
}

export function askForSharedMedia(api: ApiClient): SharedMediaOptions['askServer'] {
  return async ({ conversationId, kind, limit, place }) => {
    const query = { kind, limit: String(limit), [place.at]: String(place.seq) };
    const { items, nextCursor } = await api.call('listSharedMedia', { params: { id: conversationId }, query });
    return { items, hasMore: nextCursor !== null };
  };
}

/** Rows read at once: some milliseconds on a phone. */
const STRETCH = 200;
/** Rows looked through for one page: where little was shared the server, which has an index of it, answers sooner. */
const MOST_ROWS = 1_000;

interface Scanned {
  found: Message[];
  /** Next to the last seq that was looked at; out of the conversation at its end. */
  nextSeq: number;
}

/**
 * What was shared in a conversation: from the device as far as it has every
 * message, past that from the server. Without the server, what the device has.
 */
export class SharedMedia {
  readonly #options: SharedMediaOptions;

  constructor(options: SharedMediaOptions) {
    this.#options = options;
  }

  /** @throws CoupletError when neither the device nor the server can tell anything */
  async page(query: SharedMediaQuery): Promise<SharedMediaPage> {
    const { store, askServer } = this.#options;
    const { conversationId, kind, limit } = query;
    const lastSeq = (await store.read((reader) => reader.getConversation(conversationId)))?.lastSeq ?? 0;
    const direction = query.at === 'after' ? 'after' : 'before';
    const from = query.at === 'end' ? lastSeq : query.seq + (direction === 'after' ? 1 : -1);
    const here = await this.#scan(query, { direction, from, lastSeq, toGap: true });
    const page = pageOf(here, direction, lastSeq);
    if (page.items.length >= limit || page.next === null) return page;
    try {
      const missing = limit - here.found.length;
      const place = { at: direction, seq: page.next } as const;
      const { items, hasMore } = await askServer({ conversationId, kind, limit: missing, place });
      const kept = await this.#keep(conversationId, direction === 'before' ? items : [...items].reverse());
      const found = [...here.found, ...kept.filter((message) => carries(message, kind))];
      const last = kept.at(-1);
      return { items: found, next: hasMore && last ? last.seq : null };
    } catch (error) {
      const beyond = await this.#scan({ ...query, limit: limit - here.found.length }, { direction, from: here.nextSeq, lastSeq, toGap: false });
      const found = [...here.found, ...beyond.found];
      if (found.length === 0 && query.at === 'end') throw error;
      return pageOf({ found, nextSeq: beyond.nextSeq }, direction, lastSeq);
    }
  }

  /** In the order of the direction. `toGap`: ends where the device lacks a message. */
  async #scan(query: SharedMediaQuery, scan: { direction: 'before' | 'after'; from: number; lastSeq: number; toGap: boolean }): Promise<Scanned> {
    const { conversationId, kind, limit } = query;
    const { direction, lastSeq, toGap } = scan;
    const step = stepOf(direction);
    const found: Message[] = [];
    let seq = scan.from;
    for (let read = 0; read < MOST_ROWS && seq >= 1 && seq <= lastSeq; read += STRETCH) {
      const end = Math.max(1, Math.min(lastSeq, seq + step * (STRETCH - 1)));
      const rows = await this.#rows(conversationId, Math.min(seq, end), Math.max(seq, end));
      for (const message of direction === 'before' ? rows.reverse() : rows) {
        if (toGap && message.seq !== seq) return { found, nextSeq: seq };
        seq = message.seq + step;
        if (!carries(message, kind)) continue;
        found.push(message);
        if (found.length === limit) return { found, nextSeq: seq };
      }
      if (toGap && seq !== end + step) return { found, nextSeq: seq };
      seq = end + step;
    }
    return { found, nextSeq: seq };
  }

  #rows(conversationId: ConversationId, fromSeq: number, toSeq: number): Promise<Message[]> {
    return this.#options.store.read(async (reader) => presentMessages(await reader.listMessages({ conversationId, fromSeq, toSeq }), await reader.listOutbox(conversationId)));
  }

  /** The same rows through the version guard, and kept: what was looked at is there without a network. */
  #keep(conversationId: ConversationId, items: readonly Message[]): Promise<Message[]> {
    return this.#options.store.transaction(async (writer) => {
      const merged: Message[] = [];
      for (const message of items) merged.push(mergeMessage(await writer.getMessage(message.id), message));
      await writer.putMessages(merged);
      return presentMessages(merged, await writer.listOutbox(conversationId));
    });
  }
}

/** Goes on where looking ended, which may be further than the last thing that was found. */
function pageOf({ found, nextSeq }: Scanned, direction: 'before' | 'after', lastSeq: number): SharedMediaPage {
  const goesOn = nextSeq >= 1 && nextSeq <= lastSeq;
  return { items: found, next: goesOn ? nextSeq - stepOf(direction) : null };
}

function carries({ attachments }: Message, kind: SharedMediaKind): boolean {
  return attachments.some(({ type }) => (type === 'file') === (kind === 'files'));
}

function stepOf(direction: 'before' | 'after'): 1 | -1 {
  return direction === 'after' ? 1 : -1;
}
