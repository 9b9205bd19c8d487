import { CoupletError, type SessionId, type UserId } from '@couplet/protocol';
import { LRUCache } from 'lru-cache';
import type { Queryable } from '../../database/transaction.ts';
import type { AccessTokens } from './access-token.ts';
import { SessionStates } from './session-states.ts';
import { markGenerationUsed } from './sessions-repository.ts';

/** A session revoked on another node is refused here after this at the latest; rule X2 allows five seconds. */
const REMEMBERED_MS = 3_000;
/** The sessions that ask within that time on a busy node; past it the longest unused one is looked up again. */
const REMEMBERED_SESSIONS = 20_000;

export interface Authenticated {
  userId: UserId;
  sessionId: SessionId;
  /** When the token runs out, epoch milliseconds. */
  expiresAt: number;
}

/** The one way in for every edge: an access token of ours, of a session that still stands. */
export class Authenticator {
  readonly #pool: Queryable;
  readonly #states: SessionStates;
  readonly #accessTokens: AccessTokens;
  readonly #now: () => number;
  readonly #remembered = new LRUCache<SessionId, { at: number; generation: number; owner: Promise<UserId | null> }>({ max: REMEMBERED_SESSIONS });

  constructor(needs: { pool: Queryable; accessTokens: AccessTokens; now: () => number }) {
    this.#pool = needs.pool;
    this.#states = new SessionStates(needs.pool);
    this.#accessTokens = needs.accessTokens;
    this.#now = needs.now;
  }

  /** @throws CoupletError `not_authenticated`, `session_revoked` */
  async authenticate(token: string): Promise<Authenticated> {
    const { userId, sessionId, generation, expiresAt } = this.#accessTokens.verify(token);
    if ((await this.#ownerOf(sessionId, generation)) !== userId) throw new CoupletError('session_revoked');
    return { userId, sessionId, expiresAt };
  }

  /** Whether this is a session of that user which was not ended, for connections that live longer than a token. */
  async stands({ userId, sessionId }: { userId: UserId; sessionId: SessionId }): Promise<boolean> {
    return (await this.#ownerOf(sessionId)) === userId;
  }

  /** The session was revoked: what is remembered of it, or being looked up right now, no longer counts. */
  forget(sessionId: SessionId): void {
    this.#remembered.delete(sessionId);
  }

  /** @param generation of the token that was shown; 0 when none was */
  #ownerOf(sessionId: SessionId, generation = 0): Promise<UserId | null> {
    const now = this.#now();
    const known = this.#remembered.get(sessionId);
    // The first use of a newer token is to be noted, so that it is looked up.
    if (known && now - known.at < REMEMBERED_MS && generation <= known.generation) return known.owner;
    const owner = this.#lookUp(sessionId, generation, now);
    this.#remembered.set(sessionId, { at: now, generation, owner });
    // A failed look-up is not an answer to remember.
    owner.catch(() => this.#remembered.delete(sessionId));
    return owner;
  }

  async #lookUp(sessionId: SessionId, generation: number, now: number): Promise<UserId | null> {
    const session = await this.#states.find(sessionId);
    if (session === null || session.revoked_at !== null || Date.parse(session.expires_at) <= now) return null;
    if (generation > session.used_generation) await markGenerationUsed(this.#pool, sessionId, generation);
    return session.user_id;
  }
}
