import { LoadClient } from './load-client.ts';
import { machineCpuSeconds, stolenSince } from './cpu-time.ts';
import { Latencies } from './percentiles.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const USERS = 200;
const TEXT = 'x'.repeat(100);
/** Every phase begins with this, unmeasured: caches fill, the compiler settles. */
const WARM_UP_MS = 2_000;
/** How long after the last send an answer may still come. */
const SETTLE_MS = 5_000;
/** One writer pings this often, in turn: each of the 200 every 20 s, as an app does. */
const PING_EVERY_MS = 100;

export interface PhaseResult {
  name: string;
  messagesPerSecond: number;
  ack: Latencies;
  receive: Latencies;
  /** How late sends left at a fixed rate: the generator's own delay, which is not in the other figures. */
  lateness: Latencies;
  /** CPU seconds per 1,000 messages. */
  cpu: { app: number; database: number };
  /** Share (0 to 1) of the CPU time this machine asked for that its host gave to others: above a few per cent, latencies are the host's. */
  stolen: number;
}

/**
 * 200 users in 100 pairs, each side writing 100-byte texts to the other.
 * Closed loop: each user has `window` sends under way; fixed rate: sends leave on
 * schedule whether or not answers came.
 */
export class SteadyChat {
  readonly #server: ServerUnderTest;
  readonly #writers: { client: LoadClient; conversationId: string }[];
  readonly #sentAt = new Map<string, number>();
  readonly #received = new Set<string>();
  readonly #pings: NodeJS.Timeout;
  #phase: Phase | undefined;
  #counter = 0;

  private constructor(server: ServerUnderTest, writers: { client: LoadClient; conversationId: string }[]) {
    this.#server = server;
    this.#writers = writers;
    let next = 0;
    this.#pings = setInterval(() => {
      if (writers.length > 0) writers[next++ % writers.length]?.client.ping();
    }, PING_EVERY_MS);
  }

  /** @param between whether the two of a pair are on different nodes, where there are several */
  static async prepare(server: ServerUnderTest, between = true): Promise<SteadyChat> {
    const users = await server.createUsers(USERS, between ? 'writer' : 'neighbour');
    const writers: { client: LoadClient; conversationId: string }[] = [];
    const chat = new SteadyChat(server, writers);
    for (let pair = 0; pair < users.length / 2; pair += 1) {
      const clients = await Promise.all(
        [users[pair * 2], users[pair * 2 + 1]].map((user, side) => {
          if (!user) throw new Error('Fewer users than asked for');
          const writer = pair * 2 + side;
          return LoadClient.connect(server.urlFor(between ? writer : pair), user, { onAck: (id) => chat.#acked(writer, id), onNew: (id) => chat.#arrived(id) });
        }),
      );
      const [one, other] = clients;
      if (!one || !other) throw new Error('A pair has two sides');
      const conversationId = await one.begin(other.userId);
      writers.push({ client: one, conversationId }, { client: other, conversationId });
    }
    return chat;
  }

  async closedLoop(window: number, seconds: number): Promise<PhaseResult> {
    return this.#run(`window ${window}`, seconds, () => {
      for (let writer = 0; writer < this.#writers.length; writer += 1) {
        for (let n = 0; n < window; n += 1) this.#send(writer);
      }
      return { onAck: (writer) => this.#send(writer), stop: () => undefined };
    });
  }

  async fixedRate(perSecond: number, seconds: number): Promise<PhaseResult> {
    return this.#run(`${perSecond} a second`, seconds, (phase) => {
      const startedAt = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
        for (; sent < due; sent += 1) {
          if (phase.isMeasured) phase.lateness.add(performance.now() - startedAt - ((sent + 1) / perSecond) * 1000);
          this.#send(sent % this.#writers.length);
        }
      }, 1);
      return { onAck: () => undefined, stop: () => clearInterval(timer) };
    });
  }

  close(): void {
    clearInterval(this.#pings);
    for (const writer of this.#writers) writer.client.close();
  }

  async #run(name: string, seconds: number, begin: (phase: Phase) => Driver): Promise<PhaseResult> {
    const phase: Phase = { isMeasured: false, isSending: true, ack: new Latencies(), receive: new Latencies(), lateness: new Latencies(), acked: 0, driver: undefined };
    this.#phase = phase;
    phase.driver = begin(phase);
    await delay(WARM_UP_MS);
    phase.isMeasured = true;
    const cpuBefore = this.#server.cpuSeconds();
    const machineBefore = machineCpuSeconds();
    const ackedBefore = phase.acked;
    const startedAt = performance.now();
    await delay(seconds * 1000);
    const elapsed = (performance.now() - startedAt) / 1000;
    const cpuAfter = this.#server.cpuSeconds();
    const stolen = stolenSince(machineBefore);
    const acked = phase.acked - ackedBefore;
    phase.isMeasured = false;
    phase.isSending = false;
    phase.driver.stop();
    await this.#settle();
    return {
      name,
      messagesPerSecond: acked / elapsed,
      ack: phase.ack,
      receive: phase.receive,
      lateness: phase.lateness,
      cpu: {
        app: ((cpuAfter.app - cpuBefore.app) / acked) * 1000,
        database: ((cpuAfter.database - cpuBefore.database) / acked) * 1000,
      },
      stolen,
    };
  }

  /** Every send must have been acknowledged and received, or the figures are of a server that loses messages. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (this.#sentAt.size > 0 && performance.now() < deadline) await delay(20);
    if (this.#sentAt.size > 0) throw new Error(`${this.#sentAt.size} messages were not acknowledged or not received.`);
  }

  #send(writer: number): void {
    const from = this.#writers[writer];
    if (!from || !this.#phase?.isSending) return;
    this.#counter += 1;
    const clientMsgId = `m${this.#counter}`;
    this.#sentAt.set(clientMsgId, performance.now());
    from.client.send(from.conversationId, clientMsgId, TEXT);
  }

  #acked(writer: number, clientMsgId: string): void {
    const phase = this.#phase;
    const sentAt = this.#sentAt.get(clientMsgId);
    if (!phase || sentAt === undefined) return;
    phase.acked += 1;
    if (phase.isMeasured) phase.ack.add(performance.now() - sentAt);
    this.#finished(clientMsgId);
    phase.driver?.onAck(writer);
  }

  #arrived(clientMsgId: string): void {
    const sentAt = this.#sentAt.get(clientMsgId);
    if (sentAt === undefined) return;
    if (this.#phase?.isMeasured) this.#phase.receive.add(performance.now() - sentAt);
    this.#finished(clientMsgId);
  }

  /** Forgets a message once both its ack and its arrival were seen. */
  #finished(clientMsgId: string): void {
    if (this.#received.delete(clientMsgId)) this.#sentAt.delete(clientMsgId);
    else this.#received.add(clientMsgId);
  }
}

interface Driver {
  onAck(writer: number): void;
  stop(): void;
}

interface Phase {
  isMeasured: boolean;
  isSending: boolean;
  ack: Latencies;
  receive: Latencies;
  lateness: Latencies;
  acked: number;
  driver: Driver | undefined;
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
