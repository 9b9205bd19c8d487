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
  readonly #conversations = new LRUCache<string, Promise<ConversationId>>({ max: CACHED_PAIRS });

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** @throws CoupletError `not_found`, the same for a conversation of others and for none */
  async membership(conversationId: ConversationId, userId: UserId): Promise<Membership> {
    const pair = await this.#find(conversationId);
    if (!pair || (pair.userAId !== userId && pair.userBId !== userId)) throw new CoupletError('not_found');
    return { conversationId, userId, peerId: pair.userAId === userId ? pair.userBId : pair.userAId };
  }

  /** The conversation of these two, found or begun by `open` once, however many sends ask for it at the same time. */
  between(viewerId: UserId, peerId: UserId, open: () => Promise<ConversationId>): Promise<ConversationId> {
    return kept(this.#conversations, `${viewerId} ${peerId}`, open, () => true);
  }

  #find(conversationId: ConversationId): Promise<Pair | null> {
    // Only what was found stays: a conversation may be begun the next moment.
    return kept(this.#pairs, conversationId, () => findPair(this.#db, conversationId), (pair) => pair !== null);
  }
}

function kept<Key extends string, Value>(
  cache: LRUCache<Key, Promise<Value>>,
  key: Key,
  find: () => Promise<Value>,
  isLasting: (value: Value) => boolean,
): Promise<Value> {
  const known = cache.get(key);
  if (known) return known;
  const found = find();
  cache.set(key, found);
  const forget = () => {
    if (cache.peek(key) === found) cache.delete(key);
  };
  found.then((value) => (isLasting(value) ? undefined : forget()), forget);
  return found;
}
