import { PUSHER_LIMITS } from './limits.ts';

/** How many client events one connection may still trigger in this second. */
export class ClientEventBudget {
  #left: number = PUSHER_LIMITS.clientEventsPerSecond;
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** @returns false when this second's are used up */
  take(now: number): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#left = PUSHER_LIMITS.clientEventsPerSecond;
    }
    if (this.#left <= 0) return false;
    this.#left -= 1;
    return true;
  }
}
