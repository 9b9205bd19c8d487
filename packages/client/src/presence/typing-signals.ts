import type { ConversationId, UserId } from '@couplet/protocol';
import type { ClockPort } from '../ports/ports.ts';
import type { TransportConnection } from '../transports/transport.ts';

export interface TypingChange {
  conversationId: ConversationId;
  userId: UserId;
  isTyping: boolean;
  /** Epoch ms on the device's clock. */
  expiresAt: number;
}

/** Who is typing: told sparingly, believed for a short time. */
export class TypingSignals {
  readonly #clock: ClockPort;
  readonly #changed: (change: TypingChange) => void;
  readonly #lastToldAt = new Map<ConversationId, number>();
  readonly #typing = new Map<string, TypingChange & { cancelTimer: () => void }>();
  #connection: TransportConnection | null = null;

  constructor(clock: ClockPort, changed: (change: TypingChange) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  connected(connection: TransportConnection): void {
    this.#connection = connection;
    this.#lastToldAt.clear();
  }

  disconnected(): void {
    this.#connection = null;
    this.#lastToldAt.clear();
    for (const { conversationId, userId } of [...this.#typing.values()]) this.stop(conversationId, userId);
  }

  /** The viewer types, or stopped. Dropped while offline: a late signal is a wrong one. */
  tell(conversationId: ConversationId, isTyping: boolean): void {
    if (this.#connection === null) return;
    const now = this.#clock.now();
    const lastToldAt = this.#lastToldAt.get(conversationId);
    if (isTyping) {
      if (lastToldAt !== undefined && now - lastToldAt < TELL_EVERY_MS) return;
      this.#lastToldAt.set(conversationId, now);
    } else if (!this.#lastToldAt.delete(conversationId)) return;
    this.#connection.signalTyping(conversationId, isTyping);
  }

  /** @param serverExpiresAt ISO 8601, by the server's clock */
  receive(conversationId: ConversationId, userId: UserId, isTyping: boolean, serverExpiresAt: string): void {
    if (!isTyping) return this.stop(conversationId, userId);
    const now = this.#clock.now();
    const left = Date.parse(serverExpiresAt) - now;
    // Clocks that differ by more than the signal's life would end it at once or never.
    const lifeMs = left > 0 && left <= MAX_LIFE_MS ? left : DEFAULT_LIFE_MS;
    const key = `${conversationId} ${userId}`;
    this.#typing.get(key)?.cancelTimer();
    const change: TypingChange = { conversationId, userId, isTyping: true, expiresAt: now + lifeMs };
    this.#typing.set(key, { ...change, cancelTimer: this.#clock.schedule(lifeMs, () => this.stop(conversationId, userId)) });
    this.#changed(change);
  }

  /** Expired, said so, or the message that was being typed is here. */
  stop(conversationId: ConversationId, userId: UserId): void {
    const key = `${conversationId} ${userId}`;
    const typing = this.#typing.get(key);
    if (typing === undefined) return;
    typing.cancelTimer();
    this.#typing.delete(key);
    this.#changed({ conversationId, userId, isTyping: false, expiresAt: this.#clock.now() });
  }

  close(): void {
    this.#connection = null;
    for (const { cancelTimer } of this.#typing.values()) cancelTimer();
    this.#typing.clear();
  }
}

/** Half of the time others believe it, so that one lost signal is not seen. */
const TELL_EVERY_MS = 3_000;
const DEFAULT_LIFE_MS = 6_000;
const MAX_LIFE_MS = 15_000;
