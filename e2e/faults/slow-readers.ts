import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS, PROTOCOL_VERSION } from '@couplet/protocol';
import { textFrame } from '@couplet/test-system/faults';
import { ask, pause } from './ask.ts';
import type { ClusterProbe } from './cluster-probe.ts';
import type { Deployment, Person } from './deployment.ts';
import type { History } from './history.ts';
import type { ServerNode } from './server-node.ts';

const READERS = 5;
/** What one answer is made of, 320 kB: the kernel takes some megabytes before anything waits in the node. */
const MESSAGES = 40;
/** What each asks for is 38 MB. */
const QUESTIONS = 120;
const ASK_EVERY_MS = 100;
const CLOSED_WITHIN_MS = 45_000;
/** Readers cost a megabyte each and the answers under way; without a bound it would be 190 MB. */
const MOST_GROWTH = 96 * 1024 * 1024;

/**
 * X4: some devices ask for much and read nothing, at the node where the probe
 * talks. They are closed, what they cost is bounded, and the probe's messages
 * come as fast as ever.
 */
export class SlowReaders {
  looks = 0;
  /** Bytes that the node grew by at most meanwhile. */
  growth = 0;
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #probe: ClusterProbe;
  readonly #people: readonly [reader: Person, writer: Person];
  readonly #conversationId: string;

  private constructor(deployment: Deployment, history: History, probe: ClusterProbe, people: readonly [Person, Person], conversationId: string) {
    this.#deployment = deployment;
    this.#history = history;
    this.#probe = probe;
    this.#people = people;
    this.#conversationId = conversationId;
  }

  /** @param probe of the first node */
  static async open(deployment: Deployment, history: History, probe: ClusterProbe): Promise<SlowReaders> {
    const [kim, lea] = (await deployment.createPeople(['Kim', 'Lea'])) as [Person, Person];
    const token = await deployment.issueToken(lea.id);
    const opened = await ask(`${deployment.url}/api/conversations`, { method: 'POST', token, body: { userId: kim.id } });
    return new SlowReaders(deployment, history, probe, [kim, lea], (opened?.body as { id: string }).id);
  }

  async run(): Promise<void> {
    const node = this.#deployment.node(0);
    const prepared = node.isUp && (await this.#probe.isReady()) ? await this.#prepare(node) : null;
    if (!prepared) return this.#history.note('not ready', { kind: 'slow readers' });
    const before = await memoryOf(node);
    const readers = await Promise.all(Array.from({ length: READERS }, () => openReader(node, prepared.token)));
    const closing = readers.map((reader) => closedWithin(reader));
    this.looks += 1;
    let isOver = false;
    const asking = Promise.all(readers.map((reader) => askWithoutReading(reader, prepared.since))).finally(() => (isOver = true));
    let most = 0;
    const [, heard] = await Promise.all([
      (async () => {
        while (!isOver) {
          most = Math.max(most, await memoryOf(node));
          await pause(ASK_EVERY_MS);
        }
      })(),
      this.#probe.whileOthersAreSlow(),
      asking,
    ]);
    const closed = (await Promise.all(closing)).filter(Boolean).length;
    for (const reader of readers) reader.destroy();
    const growth = before > 0 && most > 0 ? most - before : 0;
    this.growth = Math.max(this.growth, growth);
    this.#history.note('slow readers', { closed, growth, slowestMs: heard });
    if (closed < READERS) this.#history.violation('X4', `${READERS - closed} of ${READERS} devices that do not read were still connected after ${CLOSED_WITHIN_MS / 1_000} s`);
    if (growth > MOST_GROWTH) this.#history.violation('X4', `${READERS} devices that do not read cost ${Math.round(growth / 1024 / 1024)} MB`);
  }

  /** Long messages for the reader, and the position before them: what the log held earlier may have been trimmed. */
  async #prepare(node: ServerNode): Promise<{ token: string; since: number } | null> {
    const [reader, writer] = this.#people;
    const tokens = await Promise.all([reader, writer].map(({ id }) => this.#deployment.issueToken(id))).catch(() => null);
    const [token = '', writing = ''] = tokens ?? [];
    const end = await ask(`${node.url}/api/sync/end`, { token });
    if (end?.status !== 200) return null;
    for (let count = 0; count < MESSAGES; count += 1) {
      const body = { clientMsgId: `long-${this.looks}-${count}`, text: 'x'.repeat(LIMITS.textLength) };
      const sent = await ask(`${node.url}/api/conversations/${this.#conversationId}/messages`, { method: 'POST', token: writing, body });
      if (!sent || sent.status >= 300) return null;
    }
    return { token, since: (end.body as { position: number }).position };
  }
}

/** A signed-in WebSocket that reads nothing from then on: what comes stays where it is. */
async function openReader(node: ServerNode, token: string): Promise<Socket> {
  const asked = request(`${node.url}/ws`, {
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') },
  }).end();
  const [, socket] = (await once(asked, 'upgrade')) as [unknown, Socket];
  socket.on('error', () => undefined);
  socket.write(textFrame(JSON.stringify({ type: 'auth', id: 'a', ts: 0, data: { token, protocolVersion: PROTOCOL_VERSION } }), true));
  // The welcome is the last that it reads.
  await once(socket, 'data');
  socket.pause();
  return socket;
}

/** Writing tells that the other end is gone, though nothing is read. */
async function askWithoutReading(socket: Socket, since: number): Promise<void> {
  const deadline = performance.now() + CLOSED_WITHIN_MS;
  for (let count = 0; !socket.destroyed && performance.now() < deadline; count += 1) {
    const question = count < QUESTIONS ? { type: 'chat.sync', data: { since, limit: LIMITS.syncPageSize } } : { type: 'presence.ping', data: {} };
    socket.write(textFrame(JSON.stringify({ ...question, id: `s${count}`, ts: 0 }), true));
    await pause(ASK_EVERY_MS);
  }
}

async function closedWithin(socket: Socket): Promise<boolean> {
  // By a reset, which `once` would throw.
  const closed = new Promise<boolean>((resolve) => void socket.once('close', () => resolve(true)));
  return Promise.race([closed, pause(CLOSED_WITHIN_MS).then(() => false)]);
}

/** Bytes that the process has in memory; 0 when it does not say. */
async function memoryOf(node: ServerNode): Promise<number> {
  const text = await fetch(`${node.url}/metrics`, { signal: AbortSignal.timeout(CLOSED_WITHIN_MS) }).then((response) => response.text(), () => '');
  return Number(/^couplet_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1] ?? 0);
}
