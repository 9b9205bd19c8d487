import { TestSocket } from '@couplet/test-system/faults';
import { ask, askUntilDone, pause } from './ask.ts';
import { type Deployment, PASSWORD, type Person } from './deployment.ts';
import type { History } from './history.ts';

/** Rule X2 promises five seconds; the rest is what a busy machine takes, and a node that was paused. */
const CLOSED_WITHIN_MS = 9_000;
const EVERY_MS = 4_000;

/**
 * X2, over and over while everything breaks: a session is ended at one node while
 * its socket is open at another, which closes it; its refresh token is worth
 * nothing any more.
 */
export class Revocations {
  looks = 0;
  slowestMs = 0;
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #person: Person;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(deployment: Deployment, history: History, person: Person) {
    this.#deployment = deployment;
    this.#history = history;
    this.#person = person;
  }

  static async open(deployment: Deployment, history: History): Promise<Revocations> {
    const [person] = (await deployment.createPeople(['Jan'])) as [Person];
    const revocations = new Revocations(deployment, history, person);
    revocations.#running = revocations.#run();
    return revocations;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { nodes } = this.#deployment;
    for (let turn = 0; !signal.aborted; turn += 1) {
      const [here, there] = [nodes[turn % nodes.length], nodes[(turn + 1 + (Math.floor(turn / nodes.length) % (nodes.length - 1))) % nodes.length]];
      if (here && there && here.isUp && there.isUp) await this.#revoke(here.url, there.url, `${here.name} → ${there.name}`);
      await pause(EVERY_MS, signal);
    }
  }

  async #revoke(here: string, there: string, way: string): Promise<void> {
    const { signal } = this.#stopping;
    const signedIn = await ask(`${here}/api/auth/login`, { method: 'POST', body: { login: this.#person.email, password: PASSWORD } });
    if (signedIn?.status !== 200) return;
    const { accessToken, refreshToken } = signedIn.body as { accessToken: string; refreshToken: string };
    const socket = await TestSocket.connect(there, accessToken).catch(() => null);
    if (!socket) return;
    const closed = socket.untilClosed().then(() => performance.now());
    // To whichever node answers: the first one may have stopped by now.
    const ended = await askUntilDone(`${this.#deployment.url}/api/auth/logout`, { method: 'POST', token: accessToken }, signal);
    if (ended === null) return socket.close();
    const endedAt = performance.now();
    const closedAt = await Promise.race([closed, pause(CLOSED_WITHIN_MS).then(() => null)]);
    this.looks += 1;
    if (closedAt === null) this.#history.violation('X2', `${way}: a socket is open ${CLOSED_WITHIN_MS / 1_000} s after its session ended`);
    else this.slowestMs = Math.max(this.slowestMs, closedAt - endedAt);
    socket.close();
    const refreshed = await ask(`${this.#deployment.url}/api/auth/refresh`, { method: 'POST', body: { refreshToken } });
    if (refreshed && refreshed.status < 300) this.#history.violation('X2', `${way}: a session that was ended was refreshed`);
    this.#history.note('session ended', { way, closedAfterMs: closedAt === null ? null : Math.round(closedAt - endedAt), refresh: refreshed?.status ?? null });
  }
}
