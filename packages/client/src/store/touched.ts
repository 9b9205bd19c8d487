import type { ConversationId, Message } from '@couplet/protocol';

/** Which rows a transaction changed: what the messenger tells its listeners afterwards. */
export class Touched {
  readonly conversations = new Set<ConversationId>();
  /** Conversations whose outbox entries changed. */
  readonly outboxes = new Set<ConversationId>();
  readonly #messages = new Map<ConversationId, Map<number, Message>>();

  addMessages(messages: readonly Message[]): void {
    for (const message of messages) {
      const rows = this.#messages.get(message.conversationId) ?? new Map<number, Message>();
      rows.set(message.seq, message);
      this.#messages.set(message.conversationId, rows);
    }
  }

  /** What a later transaction changed. */
  add(later: Touched): void {
    for (const id of later.conversations) this.conversations.add(id);
    for (const id of later.outboxes) this.outboxes.add(id);
    for (const [, messages] of later.messages()) this.addMessages(messages);
  }

  /** Per conversation, ascending by seq; the last state of each message. */
  messages(): [ConversationId, Message[]][] {
    return [...this.#messages].map(([id, rows]) => [id, [...rows.values()].sort((a, b) => a.seq - b.seq)]);
  }

  get isEmpty(): boolean {
    return this.conversations.size === 0 && this.outboxes.size === 0 && this.#messages.size === 0;
  }
}
