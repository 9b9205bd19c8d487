import { request } from 'node:http';
import { join } from 'node:path';
import type { ConversationId, UserId } from '@couplet/protocol';
import { DurableDevice } from '@couplet/test-system/faults';
import { type Deployment, PASSWORD, type Person } from './deployment.ts';
import type { History } from './history.ts';
import type { ServerNode } from './server-node.ts';

/** Nodes that look for missed events in the log look every 2 s; the rest is what a busy machine takes. */
const OTHER_NODE_MS = 12_000;
/** A silence of three seconds until the nodes ask who is there, a connection that may take as long, and what a device waits before it tries again. */
const STORED_AGAIN_MS = 20_000;
const SAME_NODE_MS = 5_000;
/** Until a node has noticed that nobody answers, and says so. */
const UNKNOWN_WITHIN_MS = 10_000;
/** The devices may still be coming back from what was broken before. */
const READY_WITHIN_MS = 30_000;
/** Sends while a node stops: one every so often, from as many addresses as reach every node. */
const SEND_EVERY_MS = 40;
const ADDRESSES = 9;
const SENDS_BESIDE_SLOW = 10;
/** A client that is told to wait longer is not one that tries again once. */
const LONGEST_RETRY_AFTER_MS = 3_000;

/**
 * What a cluster promises while a part of it is away (P2, X8), tried by two
 * people whom no other fault touches: their devices are connected past nginx,
 * Pia's to the first node, Quin's to the first and to the second.
 */
export class ClusterProbe {
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #people: readonly [Person, Person];
  readonly #devices: { pia: DurableDevice; near: DurableDevice; far: DurableDevice };
  readonly #conversationId: ConversationId;
  /** How often there was something to look at, and how much was said meanwhile. */
  readonly looks = { withoutRedis: 0, whileStopping: 0, sends: 0 };
  #said = 0;

  private constructor(deployment: Deployment, history: History, people: readonly [Person, Person], devices: ClusterProbe['devices'], conversationId: ConversationId) {
    this.#deployment = deployment;
    this.#history = history;
    this.#people = people;
    this.#devices = devices;
    this.#conversationId = conversationId;
  }

  get devices(): { pia: DurableDevice; near: DurableDevice; far: DurableDevice } {
    return this.#devices;
  }

  static async open(deployment: Deployment, history: History, folder: string): Promise<ClusterProbe> {
    const [pia, quin] = (await deployment.createPeople(['Pia', 'Quin'])) as [Person, Person];
    const signIn = async ({ name, email }: Person, node: ServerNode) => {
      const device = new DurableDevice({ serverUrl: node.url, deviceName: `${name} at ${node.name}`, file: join(folder, `probe-${name}-${node.name}.sqlite`) });
      await device.start();
      await device.messenger.session.login({ login: email, password: PASSWORD });
      return device;
    };
    const devices = { pia: await signIn(pia, deployment.node(0)), near: await signIn(quin, deployment.node(0)), far: await signIn(quin, deployment.node(1)) };
    const { id } = await devices.pia.messenger.conversations.openWith(quin.id as UserId);
    return new ClusterProbe(deployment, history, [pia, quin], devices, id);
  }

  /** Barrier before Redis goes: everybody is connected and sees what is said. False when that does not come about. */
  async isReady(): Promise<boolean> {
    for (const device of Object.values(this.#devices)) device.messenger.connection.wake();
    const isLive = ({ messenger }: DurableDevice) => {
      const state = messenger.connection.state();
      return state.status === 'online' && state.phase === 'live';
    };
    return within(READY_WITHIN_MS, () => Object.values(this.#devices).every(isLive));
  }

  /** P2, while Redis does not answer anybody. */
  async withoutRedis(how: string): Promise<void> {
    await this.whilePartOfRedisIsGone(how);
    const { far } = this.#devices;
    // Of somebody who is connected to another node only.
    const [{ id }] = this.#people;
    let seen: string | null = null;
    const isUnknown = await within(UNKNOWN_WITHIN_MS, async () => {
      seen = (await far.messenger.api.call('getPresence', { params: { id } }).catch(() => null))?.status ?? null;
      return seen === 'unknown';
    });
    if (!isUnknown) this.#history.violation('P2', `${how}: the presence of somebody at another node reads ${String(seen)}`);
  }

  /** P2, while Redis does not answer one node, or one of its servers is replaced: what is said comes, though later. */
  async whilePartOfRedisIsGone(how: string): Promise<void> {
    const { pia, near, far } = this.#devices;
    const text = `Without Redis #${(this.#said += 1)}`;
    this.looks.withoutRedis += 1;
    const startedAt = performance.now();
    await pia.messenger.messages.send({ conversationId: this.#conversationId, text });
    const [stored, here, there] = await Promise.all([
      within(SAME_NODE_MS, async () => (await pia.messenger.messages.pending(this.#conversationId)).length === 0),
      within(SAME_NODE_MS, () => this.#shows(near, text)),
      within(OTHER_NODE_MS, () => this.#shows(far, text)),
    ]);
    this.#history.note('without Redis', { how, stored, here, there, ms: Math.round(performance.now() - startedAt) });
    if (!stored) this.#history.violation('P2', `${how}: a send was not acknowledged within ${SAME_NODE_MS / 1_000} s`);
    if (!here) this.#history.violation('P2', `${how}: a message did not reach a device of the same node within ${SAME_NODE_MS / 1_000} s`);
    if (!there) this.#history.violation('P2', `${how}: a message did not reach a device of another node within ${OTHER_NODE_MS / 1_000} s`);
  }

  /** D1, once another PostgreSQL leads, though nobody told the nodes that theirs is gone. Answers how long until something said is on a device of another node, in ms. */
  async afterFailOver(): Promise<number> {
    const { pia, far } = this.#devices;
    const text = `After the standby was promoted #${(this.#said += 1)}`;
    const startedAt = performance.now();
    await pia.messenger.messages.send({ conversationId: this.#conversationId, text });
    if (!(await within(STORED_AGAIN_MS, () => this.#shows(far, text)))) this.#history.violation('D1', `${STORED_AGAIN_MS / 1_000} s after the standby was promoted a send was not on a device of another node`);
    return Math.round(performance.now() - startedAt);
  }

  /** X4, while others at the first node do not read: what is said at that node comes as fast as ever. Answers the slowest, in ms. */
  async whileOthersAreSlow(): Promise<number> {
    const { pia, near } = this.#devices;
    let slowestMs = 0;
    for (let count = 0; count < SENDS_BESIDE_SLOW; count += 1) {
      const text = `Beside slow readers #${(this.#said += 1)}`;
      const startedAt = performance.now();
      await pia.messenger.messages.send({ conversationId: this.#conversationId, text });
      if (!(await within(SAME_NODE_MS, () => this.#shows(near, text)))) this.#history.violation('X4', `Beside devices that do not read, a message did not come within ${SAME_NODE_MS / 1_000} s`);
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedAt));
    }
    return slowestMs;
  }

  /** X8, while a node gets SIGTERM: sends through nginx, each tried again once. */
  async whileStopping(node: ServerNode): Promise<void> {
    // Not while the database is away, which no load balancer makes up for.
    const token = await this.#deployment.issueToken(this.#people[0].id).catch(() => null);
    if (token === null) return node.end('SIGTERM');
    const sends: Promise<void>[] = [];
    let isGone = false;
    const gone = node.end('SIGTERM').then(() => (isGone = true));
    while (!isGone) {
      sends.push(this.#sendTwice(token, node));
      await Promise.race([gone, wait(SEND_EVERY_MS)]);
    }
    await Promise.all(sends);
    this.looks.whileStopping += 1;
    this.looks.sends += sends.length;
    this.#history.note('node stopped', { node: node.name, sends: sends.length });
  }

  async close(): Promise<void> {
    for (const device of Object.values(this.#devices)) await device.close();
  }

  async #sendTwice(token: string, node: ServerNode): Promise<void> {
    const number = (this.#said += 1);
    const text = `while-${node.name}-stops-${number}`;
    const address = `127.78.0.${1 + (number % ADDRESSES)}`;
    const first = await this.#send(token, text, address);
    if (first.isStored) return;
    await wait(Math.min(first.retryAfterMs, LONGEST_RETRY_AFTER_MS));
    const second = await this.#send(token, text, address);
    if (!second.isStored) this.#history.violation('X8', `While ${node.name} stopped a send failed twice: ${first.said}, then ${second.said}`);
  }

  #send(token: string, text: string, localAddress: string): Promise<{ isStored: boolean; said: string; retryAfterMs: number }> {
    return new Promise((resolve) => {
      const sent = request(
        `${this.#deployment.url}/api/conversations/${this.#conversationId}/messages`,
        { method: 'POST', agent: false, localAddress, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
        (answer) => {
          answer.resume();
          const status = answer.statusCode ?? 0;
          resolve({ isStored: status === 200 || status === 201, said: `it was answered ${status}`, retryAfterMs: Number(answer.headers['retry-after'] ?? 0) * 1_000 });
        },
      );
      sent.on('error', (error) => resolve({ isStored: false, said: error.message, retryAfterMs: 0 }));
      sent.end(JSON.stringify({ clientMsgId: text, text }));
    });
  }

  async #shows({ messenger }: DurableDevice, text: string): Promise<boolean> {
    // A device that has not seen anything of the conversation asks the server for it, which may be away.
    const page = await messenger.messages.page({ conversationId: this.#conversationId, limit: 20, at: 'end' }).catch(() => null);
    return page?.items.some((message) => message.text === text) === true;
  }
}

async function within(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > deadline) return false;
    await wait(50);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
