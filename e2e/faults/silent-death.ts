import type { Presence } from '@couplet/protocol';
import type { Actor } from './actor.ts';
import type { Deployment } from './deployment.ts';
import type { History } from './history.ts';

/** A deployment whose Redis or database is away may say that it does not know; then it is asked again. */
const UNKNOWN_PATIENCE_MS = 60_000;
/** Until a device that is there shows: after a loss of everything in Redis, until its next heartbeat. */
const ONLINE_WITHIN_MS = 30_000;

/** Rule P1 promises a minute; the rest is what asking takes on a busy machine. */
export const SILENT_DEATH_MS = 62_000;

/**
 * P1: somebody's two devices lose the network one after the other, without a
 * goodbye. With one left the person is online, a minute after the second they
 * are offline, and online again when it is back. Only a watcher's word counts.
 */
export class SilentDeath {
  readonly #ghosts: readonly [Actor, Actor];
  readonly #watcher: Actor;
  readonly #history: History;
  readonly #deployment: Deployment;

  constructor(deployment: Deployment, history: History, ghosts: readonly [Actor, Actor], watcher: Actor) {
    this.#deployment = deployment;
    this.#history = history;
    this.#ghosts = ghosts;
    this.#watcher = watcher;
  }

  /** @param otherMs how long the first device is gone before the second one goes */
  async run(otherMs: number): Promise<void> {
    const [first, second] = this.#ghosts;
    const userId = first.person.id;
    first.proxy.conditions.isSilent = true;
    this.#history.fault('silent death', { device: first.name });
    await wait(otherMs);
    await this.#until('online', userId, ONLINE_WITHIN_MS, `${first.person.name} is not online, though ${second.name} is connected`);
    second.proxy.conditions.isSilent = true;
    this.#history.fault('silent death', { device: second.name });
    await this.#until('offline', userId, SILENT_DEATH_MS, `${first.person.name} is still online ${SILENT_DEATH_MS / 1_000} s after the last device fell silent`);
    for (const { proxy } of this.#ghosts) proxy.heal();
    await this.#until('online', userId, 60_000, `${first.person.name} is not online, though both devices are back`);
  }

  async #until(status: Presence['status'], userId: string, withinMs: number, complaint: string): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const seen = await this.#presence(userId);
      if (seen === status) return this.#history.note('presence', { userId, status });
      const patienceMs = seen === 'unknown' ? UNKNOWN_PATIENCE_MS : 0;
      if (performance.now() > deadline + patienceMs) return this.#history.violation('P1', complaint);
      await wait(250);
    }
  }

  /** By REST as the watcher: asking is answered by the server's own knowledge, whatever is lost on the way. */
  async #presence(userId: string): Promise<Presence['status'] | null> {
    if (!this.#deployment.isUp || !this.#watcher.device.isRunning) return null;
    const answer = await this.#watcher.device.messenger.api.call('getPresence', { params: { id: userId } }).catch(() => null);
    return answer?.status ?? null;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
