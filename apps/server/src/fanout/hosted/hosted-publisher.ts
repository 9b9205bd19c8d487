import { type HostedApi, HostedApiError } from './hosted-api.ts';
import type { HostedEvent } from './hosted-events.ts';

/** What one call takes. */
const EVENTS_PER_CALL = 10;
/** Calls under way at once. A channel always takes the same lane, so its order is the order of publishing. */
const LANES = 8;
/** Events that wait in one lane, about 2 MB; beyond it the oldest are dropped, and clients fetch what they miss. */
const WAITING_PER_LANE = 2_000;
/** After these a call is given up: by then clients have noticed the gap and fetched. */
const RETRY_DELAYS_MS = [200, 400, 800, 1_600, 3_200];

type Call = { type: 'event'; event: HostedEvent } | { type: 'terminate'; userId: string };

export interface HostedPublisherNeeds {
  api: HostedApi;
  wait(ms: number): Promise<void>;
  onDropped(events: number, reason: string): void;
}

/** Brings events to a hosted app in the background: its limits, errors and outages hold nobody up. */
export class HostedPublisher {
  readonly #needs: HostedPublisherNeeds;
  readonly #lanes: { waiting: Call[]; working: Promise<void> | undefined }[] = Array.from({ length: LANES }, () => ({ waiting: [], working: undefined }));
  #isClosed = false;

  constructor(needs: HostedPublisherNeeds) {
    this.#needs = needs;
  }

  publish(event: HostedEvent): void {
    this.#add(event.channel, { type: 'event', event });
  }

  /** Ends the user's signed-in connections. */
  terminateUser(userId: string): void {
    this.#add(userId, { type: 'terminate', userId });
  }

  /** Publishes what waits, each call once more without further tries. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#lanes.flatMap((lane) => lane.working ?? []));
  }

  #add(key: string, call: Call): void {
    const lane = this.#lanes[laneOf(key)];
    if (!lane || this.#isClosed) return;
    if (lane.waiting.length >= WAITING_PER_LANE) {
      lane.waiting.shift();
      this.#needs.onDropped(1, 'too many events wait');
    }
    lane.waiting.push(call);
    // From the next turn on, so that what is published together goes together.
    lane.working ??= Promise.resolve().then(async () => {
      while (lane.waiting.length > 0) await this.#next(lane.waiting);
      lane.working = undefined;
    });
  }

  async #next(waiting: Call[]): Promise<void> {
    const [first] = waiting;
    if (first?.type === 'terminate') {
      waiting.shift();
      return this.#try(() => this.#needs.api.terminateUser(first.userId), 1);
    }
    const events: HostedEvent[] = [];
    while (waiting[0]?.type === 'event' && events.length < EVENTS_PER_CALL) {
      const call = waiting.shift();
      if (call?.type === 'event') events.push(call.event);
    }
    await this.#try(() => this.#needs.api.triggerBatch(events), events.length);
  }

  async #try(call: () => Promise<void>, events: number): Promise<void> {
    for (const delayMs of [...RETRY_DELAYS_MS, null]) {
      try {
        return await call();
      } catch (error) {
        const isPassing = error instanceof HostedApiError && error.isPassing;
        if (!isPassing || delayMs === null || this.#isClosed) {
          return this.#needs.onDropped(events, error instanceof Error ? error.message : String(error));
        }
        await this.#needs.wait(delayMs);
      }
    }
  }
}

function laneOf(key: string): number {
  let sum = 0;
  for (let index = 0; index < key.length; index += 1) sum = (sum * 31 + key.charCodeAt(index)) >>> 0;
  return sum % LANES;
}
