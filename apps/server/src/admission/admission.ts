import { Gate, type GateBounds, NodeFullError } from './gate.ts';
import { NodeLoad } from './node-load.ts';

/**
 * What a crowd that comes back at once asks for. A node does about 1,900
 * sign-ins of sockets a second on one core, so the longest queue is about two
 * seconds of work; catching up costs ten times as much.
 */
const BOUNDS: AdmissionBounds = {
  signIn: { running: 64, waiting: 4_000, waitingMs: 5_000 },
  catchUp: { running: 32, waiting: 1_000, waitingMs: 5_000 },
  lateMs: 250,
};

export type AdmittedWork = 'signIn' | 'catchUp';
export interface AdmissionBounds extends Readonly<Record<AdmittedWork, GateBounds>> {
  /** Timers late by this much again and again: everybody on this node waits about as long for anything. */
  readonly lateMs: number;
}

/** From this share of the longest queue of sign-ins on no more sockets are opened: each of them would only wait as well. */
const HANDSHAKES_UNTIL = 0.5;
/** Those that are sent away come back spread over this, longer than the storm of those that were let in takes. */
const RETRY_AFTER_MS = { from: 1_000, to: 6_000 };

export interface AdmissionNeeds {
  waitingForDatabase(): number;
  onRefused(work: AdmittedWork | 'handshake'): void;
}

/** What a node takes on at once, and how it says no before anything falls over. */
export class Admission {
  readonly signIn: Gate;
  readonly catchUp: Gate;
  readonly #needs: AdmissionNeeds;
  readonly #load: NodeLoad;
  readonly #handshakesUntil: number;

  constructor(needs: AdmissionNeeds, others: Partial<AdmissionBounds> = {}) {
    const bounds = { ...BOUNDS, ...others };
    this.#needs = needs;
    this.#handshakesUntil = Math.ceil(bounds.signIn.waiting * HANDSHAKES_UNTIL);
    this.#load = new NodeLoad({
      clock: () => performance.now(),
      lateMs: bounds.lateMs,
      waitingForDatabase: () => needs.waitingForDatabase(),
      every(ms, task) {
        const timer = setInterval(task, ms).unref();
        return () => clearInterval(timer);
      },
    });
    this.signIn = this.#gate('signIn', bounds);
    this.catchUp = this.#gate('catchUp', bounds);
  }

  /**
   * Before a socket is opened.
   *
   * @throws NodeFullError
   */
  assertHandshake(): void {
    if (this.signIn.waiting < this.#handshakesUntil && !this.#load.isOverloaded()) return;
    this.#needs.onRefused('handshake');
    throw new NodeFullError(retryAfterMs());
  }

  close(): void {
    this.#load.close();
  }

  #gate(work: AdmittedWork, bounds: AdmissionBounds): Gate {
    return new Gate(bounds[work], {
      retryAfterMs,
      isOverloaded: () => this.#load.isOverloaded(),
      onRefused: () => this.#needs.onRefused(work),
      schedule(delayMs, task) {
        const timer = setTimeout(task, delayMs).unref();
        return () => clearTimeout(timer);
      },
    });
  }
}

function retryAfterMs(): number {
  return RETRY_AFTER_MS.from + Math.floor(Math.random() * (RETRY_AFTER_MS.to - RETRY_AFTER_MS.from));
}
