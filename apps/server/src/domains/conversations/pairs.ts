import { type ConversationId, CoupletError, type UserId } from '@couplet/protocol';
import { LRUCache } from 'lru-cache';
import type { Queryable } from '../../database/transaction.ts';
import { findPair, type Pair } from './conversations-repository.ts';

/** A conversation from the side of one of its members. */
export interface Membership {
  conversationId: ConversationId;
  userId: UserId;
  peerId: UserId;
}

/** Pairs kept in memory: about 300 bytes each. */
const CACHED_PAIRS = 50_000;

/**
 * Who is in which conversation. A pair never changes, so it is kept. What is
 * kept is the promise: sends that arrive one after the other then take equally
 * many turns of the event loop, whether the pair was known or not, and keep their order.
 */
export class Pairs {
  readonly #db: Queryable;
  readonly #pairs = new LRUCache<ConversationId, Promise<Pair | null>>({ max: CACHED_PAIRS });

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** @throws CoupletError `not_found`, the same for a conversation of others and for none */
  async membership(conversationId: ConversationId, userId: UserId): Promise<Membership> {
    const pair = await this.#find(conversationId);
    if (!pair || (pair.userAId !== userId && pair.userBId !== userId)) throw new CoupletError('not_found');
    return { conversationId, userId, peerId: pair.userAId === userId ? pair.userBId : pair.userAId };
  }

  #find(conversationId: ConversationId): Promise<Pair | null> {
    const known = this.#pairs.get(conversationId);
    if (known) return known;
    const found = findPair(this.#db, conversationId);
    this.#pairs.set(conversationId, found);
    const forget = () => {
      if (this.#pairs.peek(conversationId) === found) this.#pairs.delete(conversationId);
    };
    // Only what was found stays: a conversation may be begun the next moment.
    found.then((pair) => (pair ? undefined : forget()), forget);
    return found;
  }
}
