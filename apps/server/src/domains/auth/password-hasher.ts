import { CoupletError } from '@couplet/protocol';
import { hash, verify } from '@node-rs/argon2';

/** argon2id (the library's default) as OWASP recommends it: 19 MiB, two passes, one lane; about 20 ms. */
export const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing runs in Node's pool of four threads: two are left for files and names. */
const CONCURRENT = 2;
/** About a second of work. A longer queue would answer after the client has given up. */
const LONGEST_QUEUE = 100;
const RETRY_AFTER_MS = 2_000;

export interface PasswordCost {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** Hashes a few at a time, so that a rush of sign-ins does not starve everything else. */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Compared with when there is no such user: the answer takes as long as for a wrong password. */
  readonly #nobody: Promise<string>;

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
    this.#nobody = hash('nobody has this password', cost);
  }

  /** @throws CoupletError `unavailable` when too many wait already */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normalised(password), this.#cost));
  }

  /**
   * @param stored null when there is no such user or they have no password; the answer is then false
   * @throws CoupletError `unavailable` when too many wait already
   */
  async matches(stored: string | null, password: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const isRight = await verify(stored ?? (await this.#nobody), normalised(password));
      return isRight && stored !== null;
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CONCURRENT) {
      if (this.#waiting.length >= LONGEST_QUEUE) throw new CoupletError('unavailable', undefined, { retryAfterMs: RETRY_AFTER_MS });
      // Whoever finishes hands its place over: the count stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** The same characters typed on different keyboards may be different code points. */
function normalised(password: string): string {
  return password.normalize('NFKC');
}
