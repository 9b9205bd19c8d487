import type { ClockPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { Announce } from './announcer.ts';
import { Touched } from './touched.ts';

export interface PacedAnnouncerOptions {
  announce: Announce;
  clock: ClockPort;
  report: Report;
}

/**
 * Tells of many transactions in a row at most once in `PACE_MS`, of all since the
 * last time together. A screen draws its list anew for each announcement, and a
 * catch-up of thousands of events would keep it at that.
 *
 * One announcement after another, in the order of the transactions.
 */
export class PacedAnnouncer {
  readonly #options: PacedAnnouncerOptions;
  #gathered = new Touched();
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;

  constructor(options: PacedAnnouncerOptions) {
    this.#options = options;
  }

  /** The rows are in the store. Resolves when they have been told, or are to be told with others in a moment. */
  async add(touched: Touched): Promise<void> {
    this.#gathered.add(touched);
    const { clock } = this.#options;
    const dueInMs = this.#toldAt + PACE_MS - clock.now();
    // A sent message has left the outbox in the same transaction: announced later than
    // the outbox's own next change, it would be on the screen in neither form until then.
    if (dueInMs <= 0 || touched.outboxes.size > 0) await this.flush();
    else this.#cancelTimer ??= clock.schedule(Math.min(dueInMs, PACE_MS), () => void this.flush());
  }

  /** Resolves when everything that was added has been told. */
  flush(): Promise<void> {
    this.close();
    const { announce, clock, report } = this.#options;
    const touched = this.#gathered;
    if (touched.isEmpty) return this.#telling;
    this.#gathered = new Touched();
    this.#toldAt = clock.now();
    this.#telling = this.#telling.then(() => announce(touched)).catch((error: unknown) => report('announce', error));
    return this.#telling;
  }

  /** No timer is left; what was gathered waits for `flush`. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

/** Every second the list still visibly moves on; drawing it twice as often took a quarter of a long catch-up. */
export const PACE_MS = 1_000;
