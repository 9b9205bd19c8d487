import type { ClockPort, RandomPort } from '../ports/ports.ts';

export interface HeartbeatOptions {
  clock: ClockPort;
  random: RandomPort;
  /** The mean distance of pings; the actual one is jittered by a quarter either way. */
  intervalMs: number;
  /** Resolves when the other end answered. */
  ping(): Promise<void>;
  /** The other end did not answer: it is gone, whatever the socket says. */
  missed(): void;
}

/** Proof of life in both directions: pings with jitter, and tells when a pong stays out. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #cancelTimer: (() => void) | null = null;
  #closed = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#scheduleNext();
  }

  /** Pings at once; the next regular one counts from the answer. */
  beat(): void {
    if (this.#closed) return;
    this.#cancelTimer?.();
    this.#options.ping().then(
      // From the answer and not from here: a chain of timers wakes up once a minute only, in a page that is out of sight for long.
      () => {
        if (!this.#closed) this.#scheduleNext();
      },
      () => {
        if (!this.#closed) this.#options.missed();
      },
    );
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #scheduleNext(): void {
    this.#cancelTimer?.();
    const { clock, random, intervalMs } = this.#options;
    const delayMs = Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random.fraction()));
    this.#cancelTimer = clock.schedule(delayMs, () => this.beat());
  }
}

/** 20 s become 15 to 25 s: devices that connected together do not ping together. */
const JITTER = 0.25;
