import type { Coming } from './channel-state.ts';
import type { PusherApp } from './signatures.ts';
import { sign } from './signatures.ts';
import type { WebhookEvent } from './webhook-event.ts';

/** Events of this long go together in one call. */
const BATCH_MS = 100;
const EVENTS_PER_CALL = 100;
/** A quick reconnect is no news: leaving waits this long for coming back. */
const LEAVING_MS = 3_000;
/** After these the call is given up; together about five minutes. */
const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 120_000];
/** Calls under way or waiting for their next try. More are dropped and counted: a backend that is down must not fill the memory. */
const MAX_CALLS = 200;
/** A backend that has not answered by then counts as failed. */
const ANSWER_WITHIN_MS = 10_000;

export interface WebhooksNeeds {
  url: string;
  app: PusherApp;
  now: () => number;
  /** Calls back after a delay, unless cancelled. */
  schedule(delayMs: number, task: () => void): () => void;
  /** Whether that somebody came or went is still to be told, by any node of the deployment. */
  tellOnce(coming: Coming, isThere: boolean): Promise<boolean>;
  /** @returns the status of the answer */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number>;
  /** Events that nobody will be told of. */
  onDropped(events: number, reason: string): void;
}

/**
 * Tells a backend what happens in channels, signed, with bounded retries. Of each
 * channel and member it is told coming and going in turn, whichever nodes tell it;
 * two calls that are under way at once may overtake each other.
 */
export class Webhooks {
  readonly #needs: WebhooksNeeds;
  readonly #leaving = new Map<string, () => void>();
  readonly #retries = new Set<() => void>();
  readonly #calls = new Set<Promise<void>>();
  readonly #deciding = new Set<Promise<void>>();
  #batch: WebhookEvent[] = [];
  #cancelBatch: (() => void) | undefined;
  #isClosed = false;

  constructor(needs: WebhooksNeeds) {
    this.#needs = needs;
  }

  readonly note = (event: WebhookEvent): void => {
    if (this.#isClosed) return;
    const told = comingOrGoing(event);
    if (told === null) return this.#add(event);
    const key = JSON.stringify(told.coming);
    this.#leaving.get(key)?.();
    this.#leaving.delete(key);
    if (told.isThere) return this.#decide(event, told);
    const leave = () => {
      this.#leaving.delete(key);
      this.#decide(event, told);
    };
    this.#leaving.set(key, this.#needs.schedule(LEAVING_MS, leave));
  };

  /** Tells once more what waits, without further tries. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#leaving.values()) cancel();
    for (const cancel of this.#retries) cancel();
    await Promise.all(this.#deciding);
    this.#cancelBatch?.();
    this.#flush();
    await Promise.all(this.#calls);
  }

  #decide(event: WebhookEvent, { coming, isThere }: { coming: Coming; isThere: boolean }): void {
    const deciding = this.#needs.tellOnce(coming, isThere).then((isNews) => {
      this.#deciding.delete(deciding);
      if (isNews) this.#add(event);
    });
    this.#deciding.add(deciding);
  }

  #add(event: WebhookEvent): void {
    this.#batch.push(event);
    if (this.#batch.length >= EVENTS_PER_CALL) this.#flush();
    else this.#cancelBatch ??= this.#needs.schedule(BATCH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
    const events = this.#batch;
    this.#batch = [];
    if (events.length === 0) return;
    if (this.#calls.size + this.#retries.size >= MAX_CALLS) return this.#needs.onDropped(events.length, 'too many calls wait');
    this.#call(JSON.stringify({ time_ms: this.#needs.now(), events }), events.length, 0);
  }

  #call(body: string, events: number, attempt: number): void {
    const call = this.#post(body).then((failure) => {
      this.#calls.delete(call);
      if (failure === null) return;
      const delayMs = RETRY_DELAYS_MS[attempt];
      if (delayMs === undefined || this.#isClosed) return this.#needs.onDropped(events, failure);
      const cancel = this.#needs.schedule(delayMs, () => {
        this.#retries.delete(cancel);
        this.#call(body, events, attempt + 1);
      });
      this.#retries.add(cancel);
    });
    this.#calls.add(call);
  }

  /** Why it failed, or null. */
  async #post(body: string): Promise<string | null> {
    const { app, url } = this.#needs;
    const headers = { 'content-type': 'application/json', 'x-pusher-key': app.key, 'x-pusher-signature': sign(app, body) };
    try {
      const status = await this.#needs.post(url, headers, body, AbortSignal.timeout(ANSWER_WITHIN_MS));
      return status >= 200 && status < 300 ? null : `the answer was ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** Null for events that are neither. */
function comingOrGoing(event: WebhookEvent): { coming: Coming; isThere: boolean } | null {
  switch (event.name) {
    case 'channel_occupied':
    case 'channel_vacated':
      return { coming: { channel: event.channel, userId: undefined }, isThere: event.name === 'channel_occupied' };
    case 'member_added':
    case 'member_removed':
      return { coming: { channel: event.channel, userId: event.user_id }, isThere: event.name === 'member_added' };
    case 'client_event':
    case 'cache_miss':
    case 'subscription_count':
      return null;
  }
}
