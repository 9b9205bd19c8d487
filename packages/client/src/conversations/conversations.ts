import { type Conversation, type ConversationId, type ConversationSettings, CoupletError, type ErrorCode, LIMITS, type UserId } from '@couplet/protocol';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import { mergeConversation } from '../store/merge-rows.ts';
import type { Store } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import { presentConversation, readUnconfirmed } from './present-conversation.ts';
import type { SettingsSync } from './settings-sync.ts';

export interface ConversationsOptions {
  store: Store;
  api: ApiClient;
  announce: Announce;
  settings: SettingsSync;
}

/** The viewer's conversations: from the device, past its edge from the server. */
export class Conversations {
  readonly #options: ConversationsOptions;

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  async list({ limit, offset }: { limit: number; offset: number }): Promise<{ items: Conversation[]; hasMore: boolean }> {
    for (;;) {
      const { items, olderConversations } = await this.#readList(limit, offset);
      if (items.length > limit || olderConversations === null) return { items: items.slice(0, limit), hasMore: items.length > limit };
      // What the device has of this page is worth showing when the server cannot be reached.
      const fetched = await this.#fetchOlder(olderConversations).catch((error: unknown) => {
        if (items.length === 0) throw error;
        return false;
      });
      if (!fetched) return { items, hasMore: true };
    }
  }

  /** `null` when the server knows none of this id for the viewer; rejects when it is not on the device and the server cannot be reached. */
  async get(id: ConversationId): Promise<Conversation | null> {
    const { store, api } = this.#options;
    const found = await store.read(async (reader) => {
      const conversation = await reader.getConversation(id);
      return conversation && presentConversation(reader, conversation, await reader.listOutbox(id));
    });
    if (found !== null) return found;
    try {
      return await this.#keep(await api.call('getConversation', { params: { id } }));
    } catch (error) {
      if (error instanceof CoupletError && NOT_THEIRS.has(error.code)) return null;
      throw error;
    }
  }

  async openWith(userId: UserId): Promise<Conversation> {
    const { store, api } = this.#options;
    const found = await store.read(async (reader) => {
      const conversation = await reader.findConversationWith(userId);
      return conversation && presentConversation(reader, conversation, await reader.listOutbox(conversation.id));
    });
    return found ?? this.#keep(await api.call('createConversation', { body: { userId } }));
  }

  async update(id: ConversationId, settings: ConversationSettings): Promise<Conversation> {
    return this.#options.settings.change(id, settings);
  }

  /** One row more than asked for tells whether there is more. Archived ones are among them: screens choose. */
  #readList(limit: number, offset: number): Promise<{ items: Conversation[]; olderConversations: string | null }> {
    return this.#options.store.read(async (reader) => {
      const { olderConversations } = await reader.getLog();
      const outbox = await reader.listOutbox();
      const unconfirmed = await readUnconfirmed(reader);
      const items: Conversation[] = [];
      for (const conversation of await reader.listConversations({ limit: limit + 1, offset })) {
        items.push(await presentConversation(reader, conversation, outbox, unconfirmed));
      }
      return { items, olderConversations };
    });
  }

  /** `false` when a snapshot has replaced the list in the meantime, so that the page fits nowhere. */
  async #fetchOlder(cursor: string): Promise<boolean> {
    const { store, api } = this.#options;
    const page = await api.call('listConversations', { query: { cursor, limit: String(LIMITS.pageSize) } });
    return store.transaction(async (writer) => {
      const log = await writer.getLog();
      if (log.olderConversations !== cursor) return log.epoch !== null;
      for (const conversation of page.items) {
        await writer.putConversation(mergeConversation(await writer.getConversation(conversation.id), conversation));
      }
      await writer.putLog({ ...log, olderConversations: page.nextCursor });
      return true;
    });
  }

  async #keep(conversation: Conversation): Promise<Conversation> {
    const { store, announce } = this.#options;
    const touched = new Touched();
    const shown = await store.transaction(async (writer) => {
      const merged = mergeConversation(await writer.getConversation(conversation.id), conversation);
      await writer.putConversation(merged);
      touched.conversations.add(conversation.id);
      return presentConversation(writer, merged, await writer.listOutbox(merged.id));
    });
    await announce(touched);
    return shown;
  }
}

const NOT_THEIRS: ReadonlySet<ErrorCode> = new Set(['not_found', 'forbidden', 'validation_failed']);
