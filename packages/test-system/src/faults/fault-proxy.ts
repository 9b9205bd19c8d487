import { once } from 'node:events';
import { createServer, type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { type StreamUnit, textFrame, UnitReader } from './stream-units.ts';

/** Up is from the client to the server. */
export type Direction = 'up' | 'down';

/** What becomes of one request, answer or frame. */
export type Fate =
  | { type: 'pass' }
  /** Never arrives, and what follows does. */
  | { type: 'lose' }
  /** A frame arrives twice; a request is carried out twice, and the second answer goes nowhere. */
  | { type: 'twice' }
  /** Its first half arrives, then the connection is reset. */
  | { type: 'halve' }
  /** A text frame arrives as this. */
  | { type: 'rewrite'; text: string };

export interface Conditions {
  /** Added each way. */
  delayMs: number;
  bytesPerSecond: number;
  /** Nothing arrives at either end and neither is told, as when a phone loses the network. */
  isSilent: boolean;
  /** What goes up arrives, what comes down does not. */
  isAnswerless: boolean;
  /** New connections are reset. */
  isRefusing: boolean;
}

const PERFECT: Conditions = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, isSilent: false, isAnswerless: false, isRefusing: false };
const PASS: Fate = { type: 'pass' };

/**
 * The way of one device to the server, with everything that can happen on it.
 *
 * ```ts
 * const proxy = await FaultProxy.open(4000);
 * proxy.conditions.delayMs = 200;
 * proxy.fateOf = (unit, direction) => …   // one frame or request at a time
 * proxy.cut();                            // RST of every connection
 * proxy.heal();                           // perfect again
 * ```
 */
export class FaultProxy {
  conditions: Conditions = { ...PERFECT };
  fateOf: (unit: StreamUnit, direction: Direction) => Fate = () => PASS;
  /** Has the last word on each fate, also after `heal`: what stands on the way for good. */
  amend: (unit: StreamUnit, direction: Direction, fate: Fate) => Fate = (_unit, _direction, fate) => fate;
  readonly #listener: Server;
  readonly #target: Target;
  readonly #links = new Set<Link>();

  private constructor(listener: Server, target: Target) {
    this.#listener = listener;
    this.#target = target;
    listener.on('connection', (client: Socket) => {
      if (this.conditions.isRefusing) return void client.resetAndDestroy();
      const link = new Link(client, this.#target, this, () => this.#links.delete(link));
      this.#links.add(link);
    });
  }

  /** @param localAddress whom the other end sees, such as `127.0.0.7`: a load balancer tells devices apart by it */
  static async open(targetPort: number, localAddress = '127.0.0.1'): Promise<FaultProxy> {
    const listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new FaultProxy(listener, { port: targetPort, host: '127.0.0.1', localAddress });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  get openLinks(): number {
    return this.#links.size;
  }

  cut(): void {
    for (const link of [...this.#links]) link.reset();
  }

  /** Connections that lost bytes cannot go on where they were, so they are reset. */
  heal(): void {
    this.conditions = { ...PERFECT };
    this.fateOf = () => PASS;
    for (const link of [...this.#links]) if (link.hasLost) link.reset();
  }

  async close(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, 'close');
  }
}

interface Target {
  port: number;
  host: string;
  localAddress: string;
}

/** One connection through the proxy. */
class Link {
  hasLost = false;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #target: Target;
  readonly #proxy: FaultProxy;
  readonly #onOver: () => void;

  constructor(client: Socket, target: Target, proxy: FaultProxy, onOver: () => void) {
    this.#client = client;
    this.#target = target;
    this.#proxy = proxy;
    this.#onOver = onOver;
    this.#server = connect({ ...target, noDelay: true });
    this.#join(client, this.#server, 'up');
    this.#join(this.#server, client, 'down');
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
    this.#onOver();
  }

  #join(from: Socket, to: Socket, direction: Direction): void {
    const reader = new UnitReader(direction === 'up' ? 'request' : 'response');
    // In order, whatever the delay of each: a connection does not reorder.
    let turn: Promise<void> = Promise.resolve();
    let sentAt = 0;
    let dueAt = 0;
    from.on('data', (chunk: Buffer) => {
      for (const unit of reader.push(chunk)) {
        const { delayMs, bytesPerSecond } = this.#proxy.conditions;
        sentAt = Math.max(performance.now(), sentAt) + (unit.bytes.length / bytesPerSecond) * 1_000;
        dueAt = Math.max(dueAt, sentAt + delayMs);
        const due = dueAt;
        turn = turn.then(async () => {
          const waitMs = due - performance.now();
          if (waitMs > 1) await new Promise<void>((resolve) => void setTimeout(resolve, waitMs));
          this.#carry(unit, direction, to);
        });
      }
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      void turn.then(() => {
        // A silent network tells nobody that the other end is gone.
        if (this.#proxy.conditions.isSilent) {
          this.hasLost = true;
          return;
        }
        if (from.errored) to.resetAndDestroy();
        else to.end();
        if (this.#client.destroyed && this.#server.destroyed) this.#onOver();
      });
    });
  }

  #carry(unit: StreamUnit, direction: Direction, to: Socket): void {
    const { isSilent, isAnswerless } = this.#proxy.conditions;
    if (isSilent || (isAnswerless && direction === 'down')) {
      this.hasLost = true;
      return;
    }
    const fate = this.#proxy.amend(unit, direction, this.#proxy.fateOf(unit, direction));
    switch (fate.type) {
      case 'pass':
        to.write(unit.bytes);
        return;
      case 'lose':
        return;
      case 'twice':
        to.write(unit.bytes);
        if (unit.type === 'frame') to.write(unit.bytes);
        else if (unit.type === 'request') this.#ask(unit.bytes);
        return;
      case 'halve':
        to.write(unit.bytes.subarray(0, Math.ceil(unit.bytes.length / 2)), () => this.reset());
        return;
      case 'rewrite':
        to.write(textFrame(fate.text, direction === 'up'));
    }
  }

  /** The same request by a connection of its own: its answer would not be expected on the first one. */
  #ask(request: Buffer): void {
    const socket = connect(this.#target);
    socket.on('error', () => undefined);
    const reader = new UnitReader('response');
    socket.on('data', (chunk: Buffer) => {
      if (reader.push(chunk).length > 0) socket.destroy();
    });
    socket.write(request);
  }
}
