import type { Messenger, MessengerEvent } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';

const PAGE = 100;
/** Beyond the thousand conversations that were active last one counts from the moment something happens in it. */
const LONGEST_READ = 1_000;

/** The sum of the unread counts on this device: what the icon of the app shows. */
export class UnreadTotal {
  readonly #conversations: Pick<Messenger['conversations'], 'list'>;
  readonly #onChange: (total: number) => void;
  readonly #counts = new Map<ConversationId, number>();
  #total = 0;
  /** Counts of an account that left, or from before everything was replaced, are not taken in. */
  #generation = 0;

  constructor(conversations: Pick<Messenger['conversations'], 'list'>, onChange: (total: number) => void) {
    this.#conversations = conversations;
    this.#onChange = onChange;
  }

  /** Reads all counts anew. */
  async load(): Promise<void> {
    const generation = this.forget();
    for (let offset = 0; offset < LONGEST_READ; offset += PAGE) {
      const { items, hasMore } = await this.#conversations.list({ limit: PAGE, offset });
      if (generation !== this.#generation) return;
      // What an event said meanwhile is newer.
      for (const { id, unreadCount } of items) if (!this.#counts.has(id)) this.#set(id, unreadCount);
      if (!hasMore) break;
    }
    this.#onChange(this.#total);
  }

  forget(): number {
    this.#counts.clear();
    this.#total = 0;
    this.#generation += 1;
    return this.#generation;
  }

  apply({ conversations }: Pick<Extract<MessengerEvent, { type: 'conversations-changed' }>, 'conversations'>): void {
    const before = this.#total;
    for (const { id, unreadCount } of conversations) this.#set(id, unreadCount);
    if (this.#total !== before) this.#onChange(this.#total);
  }

  #set(id: ConversationId, unreadCount: number): void {
    this.#total += unreadCount - (this.#counts.get(id) ?? 0);
    this.#counts.set(id, unreadCount);
  }
}
