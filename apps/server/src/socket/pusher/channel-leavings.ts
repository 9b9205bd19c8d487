import { LRUCache } from 'lru-cache';
import { attemptInLots } from '../../redis/attempt-all.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisCommand } from '../../redis/redis-link.ts';
import type { ChannelCommands } from './channel-commands.ts';
import { abandonedOf, type Noted, toldField } from './channel-notes.ts';
import { textsOf } from './channel-scripts.ts';
import type { ChannelMember, Coming } from './channel-state.ts';

/** What a connection of this node had entered, or as whom it had signed in. */
export type LeftHere = { type: 'channel'; channel: string; socketId: string; member: ChannelMember | null } | { type: 'user'; userId: string; socketId: string };

export interface ChannelLeavingsNeeds {
  keys: RedisKeys;
  /** This one. */
  node: string;
  commands: ChannelCommands;
  hasWebhooks: boolean;
  /** @throws when Redis is away, or one of them failed */
  ask(commands: readonly RedisCommand[]): Promise<unknown[]>;
  /** Whether what a note is of has (again) been entered. */
  isHere(note: string): boolean;
  /** Lets a connection leave, with everything that is told of it. */
  takeOut(noted: Noted): Promise<void>;
}

/** Of what left during an outage; beyond it the oldest is shown to others until they ask anew. About 30 MB. */
const MOST_LEFT = 100_000;
/** Entries written or read in one go. */
const AT_ONCE = 500;

/**
 * What leaves in Redis later than it left: because Redis was away or had been
 * emptied, or because its node is dead. What a node has entered is noted in Redis
 * until it has left there.
 */
export class ChannelLeavings {
  readonly #needs: ChannelLeavingsNeeds;
  /** Being taken out right now. */
  readonly #takenOut = new Set<string>();
  #isBehind = false;
  /** What left, by its note, while Redis did not know of it or was away: the others may show it still, which only its leaving in Redis tells them. */
  readonly #left = new LRUCache<string, LeftHere>({ max: MOST_LEFT });
  /** Of these the backend was told nevertheless. */
  readonly #toldGone = new Set<string>();
  /** Or of all of them, by whoever took this node over: what they did not tell is still marked in Redis. */
  #othersToldGone = false;

  constructor(needs: ChannelLeavingsNeeds) {
    this.#needs = needs;
  }

  /** It is not known what Redis has of this node: what left is looked for with the next heartbeat. */
  expect({ wasTakenOver }: { wasTakenOver: boolean }): void {
    this.#isBehind = true;
    this.#othersToldGone ||= wasTakenOver;
  }

  /** Redis did not know of it. */
  later(note: string, left: LeftHere): void {
    this.#isBehind = true;
    this.#left.set(note, left);
  }

  /**
   * It could not be told to Redis.
   *
   * @param left what it was, as far as it was here
   * @throws the error, for what is taken out: it is tried again as a whole
   */
  failed(note: string, left: LeftHere | null, error: unknown): void {
    if (this.#takenOut.has(note)) throw error;
    this.#isBehind = true;
    if (left) this.#left.set(note, left);
  }

  /** After it has left, and not beside: what did not leave must stay noted, and so must what has come back meanwhile. Nobody waits for it: what is told of a leaving must not be overtaken by the next coming. */
  async forget(note: string): Promise<void> {
    if (this.#takenOut.has(note) || this.#needs.isHere(note)) return;
    await this.#needs.ask([this.#needs.commands.forgetting(note)]).catch(() => (this.#isBehind = true));
  }

  /** @returns `isNews`, once it is remembered */
  toldOnce(coming: Coming, isThere: boolean, isNews: boolean): boolean {
    if (isThere) this.#toldGone.delete(toldField(coming));
    else if (isNews && this.#left.size > 0) this.#toldGone.add(toldField(coming));
    return isNews;
  }

  /** Of what a backend was told as there, so that it is told again when it is gone. */
  markingTold(channel: string, member: ChannelMember | null): RedisCommand[] {
    const comings: Coming[] = [{ channel, userId: undefined }, ...(member ? [{ channel, userId: member.userId }] : [])];
    return comings.filter((coming) => !this.#toldGone.has(toldField(coming))).map(this.#needs.commands.markingTold);
  }

  /**
   * What is behind leaves.
   *
   * @throws when some of it could not; it stays noted
   */
  async catchUp(): Promise<void> {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    try {
      await this.#enterToLeave();
      await this.#takeOut(this.#needs.node, (note) => !this.#needs.isHere(note));
      this.#toldGone.clear();
      this.#othersToldGone = false;
    } catch (error) {
      this.#isBehind = true;
      throw error;
    }
  }

  /** A dead node's. @throws as `catchUp` does */
  async takeOutOf(dead: string): Promise<void> {
    await this.#takeOut(dead, () => true);
    await this.#needs.ask([['DEL', this.#needs.keys.enteredOn(dead)]]);
  }

  /** So that its leaving is told as any other, with who else is there. */
  async #enterToLeave(): Promise<void> {
    const left = [...this.#left.entries()].filter(([note]) => !this.#needs.isHere(note));
    await attemptInLots(left, AT_ONCE, async (lot) => {
      await this.#needs.ask(lot.flatMap(([note, each]) => [this.#needs.commands.noting(note), ...this.#enteringToLeave(each)]));
      for (const [note, each] of lot) if (this.#left.peek(note) === each) this.#left.delete(note);
    });
    for (const note of [...this.#left.keys()]) if (this.#needs.isHere(note)) this.#left.delete(note);
  }

  #enteringToLeave(left: LeftHere): RedisCommand[] {
    if (left.type === 'user') return this.#needs.commands.signingIn(left.userId, left.socketId);
    const { channel, socketId, member } = left;
    const marks = this.#needs.hasWebhooks && !this.#othersToldGone ? this.markingTold(channel, member) : [];
    return [this.#needs.commands.entering(channel, socketId, member, { isListed: false }), ...marks];
  }

  /**
   * Takes out what a node noted and does not have (any longer), as if each connection had left.
   *
   * @throws when some of it could not be taken out; it stays noted
   */
  async #takeOut(node: string, isGone: (text: string) => boolean): Promise<void> {
    const { keys, ask, takeOut } = this.#needs;
    const key = keys.enteredOn(node);
    const failures: unknown[] = [];
    for (let cursor = '0'; ; ) {
      const [answer] = await ask([['SSCAN', key, cursor, 'COUNT', AT_ONCE]]);
      const [next, texts]: unknown[] = Array.isArray(answer) ? answer : [];
      const gone = textsOf(texts).filter(isGone);
      for (const text of gone) this.#takenOut.add(text);
      const outcomes = await Promise.allSettled(
        gone.map(async (text) => {
          const noted = abandonedOf(text);
          if (noted) await takeOut(noted);
        }),
      );
      for (const text of gone) this.#takenOut.delete(text);
      const done = gone.filter((text, index) => outcomes[index]?.status === 'fulfilled' && isGone(text));
      if (done.length > 0) await ask([['SREM', key, ...done]]);
      for (const outcome of outcomes) if (outcome.status === 'rejected') failures.push(outcome.reason);
      if (typeof next !== 'string' || next === '0') break;
      cursor = next;
    }
    if (failures.length > 0) throw failures[0];
  }
}
