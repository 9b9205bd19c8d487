import type { SessionId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { findSessionStates, type SessionStateRow } from './sessions-repository.ts';

/** Look-ups under way at once, each with whoever asked before it began: a quiet node asks at once, a storm of reconnects asks for hundreds together. */
const UNDER_WAY = 4;
/** Sessions of one look-up. */
const TOGETHER = 500;

interface Waiter {
  resolve(state: SessionStateRow | null): void;
  reject(error: unknown): void;
}

/** The state of sessions, as the database has it at or after the moment somebody asks. */
export class SessionStates {
  readonly #pool: Queryable;
  readonly #waiting = new Map<SessionId, Waiter[]>();
  #underWay = 0;

  constructor(pool: Queryable) {
    this.#pool = pool;
  }

  find(id: SessionId): Promise<SessionStateRow | null> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(id);
      if (waiters) waiters.push({ resolve, reject });
      else this.#waiting.set(id, [{ resolve, reject }]);
      if (this.#underWay < UNDER_WAY) void this.#lookUp();
    });
  }

  async #lookUp(): Promise<void> {
    this.#underWay += 1;
    while (this.#waiting.size > 0) {
      const asked = [...this.#waiting].slice(0, TOGETHER);
      for (const [id] of asked) this.#waiting.delete(id);
      try {
        const states = await findSessionStates(this.#pool, asked.map(([id]) => id));
        for (const [id, waiters] of asked) for (const { resolve } of waiters) resolve(states.get(id) ?? null);
      } catch (error) {
        for (const [, waiters] of asked) for (const { reject } of waiters) reject(error);
      }
    }
    this.#underWay -= 1;
  }
}
