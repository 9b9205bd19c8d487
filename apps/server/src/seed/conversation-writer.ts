import { type ConversationId, type MessageId, type UserId, uuidv7 } from '@couplet/protocol';
import type { Micros } from '../database/timestamps.ts';
import type { ImaginedConversation, ImaginedUser } from './imagined.ts';
import type { SeededRandom } from './random.ts';

const SECOND = 1_000_000;

/** Writes one conversation from its beginning on, and keeps the clock and the watermarks right. */
export class ConversationWriter {
  readonly conversation: ImaginedConversation;
  readonly #random: SeededRandom;
  readonly #members: readonly [ImaginedUser, ImaginedUser];
  readonly #messages: { id: MessageId; senderId: UserId; text: string }[] = [];
  readonly #delivered = new Map<UserId, number>();
  readonly #read = new Map<UserId, number>();
  #now: Micros;

  constructor(initiator: ImaginedUser, peer: ImaginedUser, createdAt: Micros, random: SeededRandom) {
    this.#random = random;
    this.#members = [initiator, peer];
    this.#now = createdAt;
    const id = this.#newId() as ConversationId;
    this.conversation = { id, initiatorId: initiator.id, peerId: peer.id, createdAt, occurrences: [] };
  }

  get now(): Micros {
    return this.#now;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** Moves the clock forward; never back. */
  waitUntil(at: Micros): void {
    this.#now = Math.max(this.#now + this.#random.between(1, 999_999), at);
  }

  /**
   * Whoever answers has read what came before. `who`: 0 the initiator, 1 the peer.
   *
   * @param quoting a piece of the text of an earlier message that this one replies to
   */
  say(who: 0 | 1, text: string, quoting?: string): void {
    const [sender, receiver] = this.#pair(who);
    if (this.#messages.at(-1)?.senderId === receiver.id) this.read(who);
    this.waitUntil(this.#now + this.#random.between(2, 40) * SECOND + text.length * 60_000);
    const id = this.#newId() as MessageId;
    this.conversation.occurrences.push({
      type: 'said',
      at: this.#now,
      messageId: id,
      senderId: sender.id,
      receiverId: receiver.id,
      text,
      replyToId: quoting === undefined ? null : this.#find(quoting),
    });
    this.#messages.push({ id, senderId: sender.id, text });
  }

  /** The app of `who` confirms everything up to here. */
  deliver(who: 0 | 1): void {
    this.#raise('delivered', this.#delivered, who);
  }

  /** `who` looks at everything up to here. */
  read(who: 0 | 1): void {
    this.#raise('read', this.#read, who);
    this.#delivered.set(this.#pair(who)[0].id, this.#messages.length);
  }

  /** `who` reacts to the latest message whose text holds `quoting`. */
  react(who: 0 | 1, quoting: string, emoji: string): void {
    const [by, peer] = this.#pair(who);
    this.waitUntil(this.#now + this.#random.between(1, 5) * SECOND);
    this.conversation.occurrences.push({ type: 'reacted', at: this.#now, by: by.id, peerId: peer.id, messageId: this.#find(quoting), emoji });
  }

  #raise(type: 'delivered' | 'read', watermarks: Map<UserId, number>, who: 0 | 1): void {
    const [by, peer] = this.#pair(who);
    const last = this.#messages.at(-1);
    if (last === undefined || (watermarks.get(by.id) ?? 0) >= this.#messages.length) return;
    watermarks.set(by.id, this.#messages.length);
    this.waitUntil(this.#now + this.#random.between(1, 30) * SECOND);
    this.conversation.occurrences.push({ type, at: this.#now, by: by.id, peerId: peer.id, messageId: last.id });
  }

  #pair(who: 0 | 1): readonly [ImaginedUser, ImaginedUser] {
    const [initiator, peer] = this.#members;
    return who === 0 ? [initiator, peer] : [peer, initiator];
  }

  #find(quoting: string): MessageId {
    const found = this.#messages.findLast((message) => message.text.includes(quoting));
    if (found === undefined) throw new RangeError(`Nobody said "${quoting}"`);
    return found.id;
  }

  #newId(): string {
    return uuidv7(Math.floor(this.#now / 1000), (bytes) => this.#random.fill(bytes));
  }
}
