import { join } from 'node:path';
import type { Presence } from '@couplet/protocol';
import { DurableDevice, TestSocket } from '@couplet/test-system/faults';
import { ask, pause } from './ask.ts';
import { type Deployment, PASSWORD, type Person } from './deployment.ts';
import type { History } from './history.ts';
import type { ServerNode } from './server-node.ts';

/** Rule P1 promises a minute; the rest is what asking takes on a busy machine. */
const OFFLINE_WITHIN_MS = 62_000;
/** A Redis that is away says nothing of anybody; then it is asked again. */
const UNKNOWN_PATIENCE_MS = 30_000;
/** Somebody with another device may seem gone while that comes back from other faults, and until a heartbeat after Redis lost everything. */
const LONGEST_GAP_MS = 30_000;
/** A ghost would be back with the heartbeats of whoever still believes in it. */
const GHOST_WATCH_MS = 15_000;
const ASK_EVERY_MS = 250;
const READY_WITHIN_MS = 5_000;
/** Of what is asked with; its tokens live longer. */
const TOKEN_MS = 30_000;

/** All that one look takes at most. */
const NODE_DEATH_MS = OFFLINE_WITHIN_MS + UNKNOWN_PATIENCE_MS + GHOST_WATCH_MS;

/**
 * P1 when a node is killed: Gil was connected to it and to nothing else, Hal had
 * a second device. Gil is offline within a minute and never a ghost after it;
 * Hal stays online. Only the word of Ivo counts, who asks the other nodes.
 */
export class NodeDeaths {
  looks = 0;
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #people: Readonly<{ gil: Person; hal: Person; ivo: Person }>;
  readonly #halsPhone: DurableDevice;
  readonly #endsAt: number;
  #watching: Promise<void> | null = null;
  #token = { text: '', at: Number.NEGATIVE_INFINITY };

  private constructor(deployment: Deployment, history: History, people: Readonly<{ gil: Person; hal: Person; ivo: Person }>, halsPhone: DurableDevice, endsAt: number) {
    this.#deployment = deployment;
    this.#history = history;
    this.#people = people;
    this.#halsPhone = halsPhone;
    this.#endsAt = endsAt;
  }

  /** @param endsAt when the run heals, by `performance.now()`: nothing is begun that would last longer */
  static async open(deployment: Deployment, history: History, folder: string, endsAt: number): Promise<NodeDeaths> {
    const [gil, hal, ivo] = (await deployment.createPeople(['Gil', 'Hal', 'Ivo'])) as [Person, Person, Person];
    const token = await deployment.issueToken(ivo.id);
    for (const { id } of [gil, hal]) await ask(`${deployment.url}/api/conversations`, { method: 'POST', token, body: { userId: id } });
    const phone = new DurableDevice({ serverUrl: deployment.url, deviceName: 'Hal 1', file: join(folder, 'hal.sqlite') });
    await phone.start();
    await phone.messenger.session.login({ login: hal.email, password: PASSWORD });
    return new NodeDeaths(deployment, history, { gil, hal, ivo }, phone, endsAt);
  }

  /** Both connect to the node that is about to be killed. Answers what to call when it is dead; null when nothing is to be seen this time. */
  async before(node: ServerNode): Promise<(() => void) | null> {
    if (this.#watching || performance.now() + NODE_DEATH_MS > this.#endsAt) return null;
    const { gil, hal } = this.#people;
    const sockets: TestSocket[] = [];
    try {
      for (const { id } of [gil, hal]) sockets.push(await TestSocket.connect(node.url, await this.#deployment.issueToken(id)));
      const deadline = performance.now() + READY_WITHIN_MS;
      while ((await this.#presence(gil)) !== 'online' || (await this.#presence(hal)) !== 'online') {
        if (performance.now() > deadline) throw new Error('They are not seen');
        await pause(ASK_EVERY_MS);
      }
    } catch {
      for (const socket of sockets) socket.close();
      return null;
    }
    return () => {
      this.looks += 1;
      this.#watching = this.#watch(node).finally(() => (this.#watching = null));
    };
  }

  async close(): Promise<void> {
    await this.#watching;
    await this.#halsPhone.close();
  }

  async #watch(node: ServerNode): Promise<void> {
    const { gil, hal } = this.#people;
    const killedAt = performance.now();
    let offlineAt: number | null = null;
    let halSeenAt = killedAt;
    let unknownMs = 0;
    let isGhost = false;
    for (let before = killedAt; ; ) {
      const [gils, hals] = [await this.#presence(gil), await this.#presence(hal)];
      const now = performance.now();
      if (gils === 'unknown' || gils === null) unknownMs += now - before;
      before = now;
      if (hals !== 'offline') halSeenAt = now;
      if (gils === 'offline') offlineAt ??= now;
      else if (gils === 'online' && offlineAt !== null) isGhost = true;
      if (now - halSeenAt > LONGEST_GAP_MS) return this.#history.violation('P1', `Hal reads offline for ${LONGEST_GAP_MS / 1_000} s, though one device is left after ${node.name} was killed`);
      if (isGhost) return this.#history.violation('P1', `Gil is a ghost: online again after ${node.name} was killed and Gil was offline`);
      if (offlineAt === null && now - killedAt > OFFLINE_WITHIN_MS + Math.min(unknownMs, UNKNOWN_PATIENCE_MS)) return this.#history.violation('P1', `Gil is not offline ${Math.round((now - killedAt) / 1_000)} s after ${node.name} was killed (${String(gils)})`);
      if (offlineAt !== null && now - offlineAt > GHOST_WATCH_MS) return this.#history.note('node death', { node: node.name, offlineAfterMs: Math.round(offlineAt - killedAt) });
      await pause(ASK_EVERY_MS);
    }
  }

  async #presence({ id }: Person): Promise<Presence['status'] | null> {
    const now = performance.now();
    if (now - this.#token.at > TOKEN_MS) {
      const text = await this.#deployment.issueToken(this.#people.ivo.id).catch(() => null);
      if (text === null) return null;
      this.#token = { text, at: now };
    }
    const answer = await ask(`${this.#deployment.url}/api/users/${id}/presence`, { token: this.#token.text });
    return answer?.status === 200 ? (answer.body as Presence).status : null;
  }
}
