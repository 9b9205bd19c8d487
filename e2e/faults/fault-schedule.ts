import type { RandomPort } from '@couplet/client';
import { type Direction, type Fate, migrateToNextVersion, type StreamUnit } from '@couplet/test-system/faults';
import type { Actor } from './actor.ts';
import type { Bystanders } from './bystanders.ts';
import type { Deployment } from './deployment.ts';
import { FaultDeck } from './fault-deck.ts';
import { EARLY_FAULTS, type FaultMix, type LinkFault, type ServerFault, STANDBY_FAULT } from './fault-mix.ts';
import type { History } from './history.ts';
import { unreadyAfter } from './ready-nodes.ts';
import type { ServerNode } from './server-node.ts';

const LONGEST_LINK_FAULT_MS = 4_000;
const LONGEST_PAUSE_MS = 3_000;
/** Longer than any answer is waited for. */
const LONGEST_DATABASE_PAUSE_MS = 10_000;
/** Of a slow PostgreSQL, which stands for four fifths of the time: a statement takes some hundred times as long as usual. */
const LONGEST_SLOWNESS_MS = 8_000;
const STANDS_MS = 200;
const WORKS_MS = 50;
/** A node gives a connection up that has not answered for 30 s, and a new one is there at once; the rest is what a busy machine takes. */
const READY_WITHIN_MS = 90_000;
/** Until a killed device is started again. */
const LONGEST_AWAY_MS = 3_000;
/** Statements a device still runs before it is killed: enough to be in the middle of a send or of a sync. */
const MOST_STATEMENTS = 25;
const KILL_WITHIN_MS = 2_000;

const PASS: Fate = { type: 'pass' };

/**
 * Breaks things until it is stopped. What is broken next, and for how long, comes
 * from the random numbers alone; what it hits, from the moment.
 */
export class FaultSchedule {
  readonly #history: History;
  readonly #deployment: Deployment;
  readonly #mix: FaultMix;
  readonly #bystanders: Bystanders;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>[] = [];

  /**
   * @param randomOf an own sequence for each that things happen to, so that they do not depend on each other's moments
   * @param bystanders those who look while a part of a cluster is away
   */
  constructor(history: History, deployment: Deployment, mix: FaultMix, actors: readonly Actor[], randomOf: (index: number) => RandomPort, bystanders: Bystanders) {
    this.#history = history;
    this.#deployment = deployment;
    this.#mix = mix;
    this.#bystanders = bystanders;
    if (mix.server.length > 0) this.#running.push(this.#breakServer(randomOf(0)));
    for (const [index, actor] of actors.entries()) {
      if (mix.link.length > 0) this.#running.push(this.#breakLink(actor, randomOf(1 + 2 * index)));
      if (mix.device.length > 0) this.#running.push(this.#breakDevice(actor, randomOf(2 + 2 * index)));
    }
  }

  /** Each fault that is under way ends by itself, healed. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  get #isOver(): boolean {
    return this.#stopped.signal.aborted;
  }

  get #canFailOver(): boolean {
    const { postgres } = this.#deployment;
    return 'failOver' in postgres && !postgres.hasFailedOver;
  }

  async #wait(ms: number): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#stopped.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#stopped.signal.addEventListener('abort', end);
    });
  }

  async #breakLink(actor: Actor, random: RandomPort): Promise<void> {
    for (;;) {
      await this.#wait(random.fraction() * this.#mix.linkQuietMs);
      const kind = pick(this.#mix.link, random);
      const ms = random.fraction() * LONGEST_LINK_FAULT_MS;
      if (this.#isOver) return;
      await this.#breakLinkOnce(actor, kind, ms, random);
      actor.proxy.heal();
    }
  }

  async #breakLinkOnce(actor: Actor, kind: LinkFault, ms: number, random: RandomPort): Promise<void> {
    const { proxy, device, name } = actor;
    const count = (times: number) => this.#history.fault(kind, { device: name, ms: Math.round(ms) }, times);
    switch (kind) {
      case 'delay':
        proxy.conditions.delayMs = 50 + random.fraction() * 1_500;
        count(1);
        return this.#wait(ms);
      case 'throttle':
        proxy.conditions.bytesPerSecond = 500 + random.fraction() * 5_000;
        count(1);
        return this.#wait(ms);
      case 'silence':
        proxy.conditions.isSilent = true;
        count(1);
        return this.#wait(ms);
      case 'cut':
        proxy.cut();
        return count(1);
      case 'refuse':
        proxy.conditions.isRefusing = true;
        proxy.cut();
        count(1);
        return this.#wait(ms);
      case 'unplug': {
        if (!device.isRunning) return;
        const { network } = device;
        network.unplug();
        count(1);
        await this.#wait(ms);
        network.plug();
        return;
      }
      case 'halve':
        return this.#alter(actor, kind, ms, () => (random.fraction() < 0.2 ? { type: 'halve' } : PASS));
      case 'duplicate':
        return this.#alter(actor, kind, ms, () => (random.fraction() < 0.4 ? { type: 'twice' } : PASS));
      case 'swallow answers':
        await this.#alter(actor, kind, ms, (unit, direction) => (direction === 'down' && isAnswer(unit) && random.fraction() < 0.7 ? { type: 'lose' } : PASS));
        // A lost answer on a living connection is waited for; most are lost with their connection.
        if (random.fraction() < 0.8) proxy.cut();
        return;
      case 'lose events':
        return this.#alter(actor, kind, ms, (unit, direction) => (direction === 'down' && isEvent(unit) && random.fraction() < 0.6 ? { type: 'lose' } : PASS));
    }
  }

  async #stop(node: ServerNode): Promise<void> {
    const { probe } = this.#bystanders;
    // A roll is one fault and stops every node, and each may take its time.
    this.#history.interrupted();
    if (probe) await probe.whileStopping(node);
    else await node.end('SIGTERM');
    this.#history.interrupted();
  }

  async #kill(node: ServerNode): Promise<void> {
    const onDead = await this.#bystanders.nodeDeaths?.before(node);
    await node.end('SIGKILL');
    onDead?.();
  }

  /** Half-open connections: the node is not told, and neither is Redis. */
  async #divideRedis(node: ServerNode, fraction: number): Promise<void> {
    const { probe } = this.#bystanders;
    const isReady = await probe?.isReady();
    await node.redisWay?.divide();
    if (isReady === true) await probe?.whilePartOfRedisIsGone(`${node.name} is divided from Redis`);
    await this.#wait(fraction * LONGEST_AWAY_MS);
    await node.redisWay?.heal();
  }

  async #failOverRedis(): Promise<void> {
    const { redis } = this.#deployment;
    if (!redis || !('failOver' in redis)) throw new Error('There is no Redis that could take over');
    const { probe } = this.#bystanders;
    const isReady = await probe?.isReady();
    await Promise.all([redis.failOver(), isReady === true ? probe?.whilePartOfRedisIsGone('Redis fails over') : undefined]);
    await redis.start();
  }

  /** Nobody tells the nodes that the primary is gone: their connections stay open, and nobody answers. */
  async #failOverPostgres(): Promise<void> {
    const { postgres, nodes } = this.#deployment;
    if (!('failOver' in postgres)) throw new Error('PostgreSQL has no standby');
    await postgres.failOver();
    const startedAt = performance.now();
    const readyAgain = async () => {
      const late = await unreadyAfter(nodes, READY_WITHIN_MS);
      for (const { name } of late) this.#history.violation('D1', `${name} is not ready ${READY_WITHIN_MS / 1_000} s after the standby was promoted`);
      return Math.round(performance.now() - startedAt);
    };
    const [readyAfterMs, sentAfterMs] = await Promise.all([readyAgain(), this.#bystanders.probe?.afterFailOver()]);
    this.#history.note('failed over', { readyAfterMs, sentAfterMs });
  }

  async #slowPostgres(ms: number): Promise<void> {
    const { postgres } = this.#deployment;
    const until = performance.now() + ms;
    while (performance.now() < until && !this.#isOver) {
      await postgres.pause();
      await this.#wait(STANDS_MS);
      await postgres.resume();
      await this.#wait(WORKS_MS);
    }
  }

  /** The first node of the next version starts beside those of this one, while everybody writes. */
  async #upgradeSchema(): Promise<void> {
    try {
      await migrateToNextVersion(this.#deployment.postgres.url);
    } catch (error) {
      this.#history.violation('X8', `The next version cannot start beside this one: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** It comes back empty, as after the loss of its machine. */
  async #breakRedis(kind: 'stop Redis' | 'kill Redis' | 'pause Redis' | 'flush Redis', fraction: number): Promise<void> {
    const { redis } = this.#deployment;
    if (!redis) throw new Error('There is no Redis to break');
    if (kind === 'flush Redis') return redis.flush();
    const { probe } = this.#bystanders;
    const isReady = await probe?.isReady();
    switch (kind) {
      case 'stop Redis':
        await redis.stop();
        break;
      case 'kill Redis':
        await redis.kill();
        break;
      case 'pause Redis':
        redis.pause();
        break;
    }
    if (isReady === true) await probe?.withoutRedis(kind);
    else this.#history.note('not ready', { kind });
    await this.#wait(fraction * LONGEST_AWAY_MS);
    if (kind === 'pause Redis') redis.resume();
    else await redis.start();
  }

  async #alter(actor: Actor, kind: LinkFault, ms: number, fateOf: (unit: StreamUnit, direction: Direction) => Fate): Promise<void> {
    let hits = 0;
    actor.proxy.fateOf = (unit, direction) => {
      const fate = fateOf(unit, direction);
      if (fate.type !== 'pass') hits += 1;
      return fate;
    };
    await this.#wait(ms);
    if (hits > 0) this.#history.fault(kind, { device: actor.name, hits }, hits);
  }

  async #breakDevice(actor: Actor, random: RandomPort): Promise<void> {
    for (;;) {
      await this.#wait((0.3 + random.fraction()) * this.#mix.deviceQuietMs);
      const kind = pick(this.#mix.device, random);
      const statements = Math.floor(random.fraction() * MOST_STATEMENTS);
      const awayMs = random.fraction() * LONGEST_AWAY_MS;
      if (this.#isOver) return;
      if (kind === 'kill device') await actor.kill(statements, KILL_WITHIN_MS);
      else await actor.close();
      this.#history.fault(kind, { device: actor.name });
      await this.#wait(awayMs);
      await actor.restart();
    }
  }

  async #breakServer(random: RandomPort): Promise<void> {
    const deck = new FaultDeck(this.#mix.server, EARLY_FAULTS, random);
    for (;;) {
      await this.#wait((0.3 + random.fraction()) * this.#mix.serverQuietMs);
      const kind = deck.draw();
      const fraction = random.fraction();
      // Only where there is a choice: the faults of one node stay those of their seed.
      const { nodes } = this.#deployment;
      const node = nodes.length === 1 ? this.#deployment.node(0) : pick(nodes, random);
      if (this.#isOver) return;
      if (kind === STANDBY_FAULT && !this.#canFailOver) continue;
      this.#history.fault(kind, nodes.length === 1 ? {} : { node: node.name });
      await this.#breakServerOnce(kind, fraction, node);
    }
  }

  async #breakServerOnce(kind: ServerFault, fraction: number, node: ServerNode): Promise<void> {
    const { postgres, nodes } = this.#deployment;
    switch (kind) {
      case 'pause server':
        node.pause();
        await this.#wait(fraction * LONGEST_PAUSE_MS);
        node.resume();
        return;
      case 'stop server':
        await this.#stop(node);
        await this.#wait(fraction * LONGEST_AWAY_MS);
        return node.start();
      case 'kill server':
        await this.#kill(node);
        await this.#wait(fraction * LONGEST_AWAY_MS);
        return node.start();
      case 'roll servers':
        for (const each of nodes) {
          await this.#stop(each);
          await each.start();
        }
        return;
      case 'kill PostgreSQL':
        return postgres.kill();
      case 'slow PostgreSQL':
        return this.#slowPostgres(fraction * LONGEST_SLOWNESS_MS);
      case 'pause PostgreSQL':
        await postgres.pause();
        await this.#wait(fraction * LONGEST_DATABASE_PAUSE_MS);
        return postgres.resume();
      case 'upgrade schema':
        return this.#upgradeSchema();
      case 'stop Redis':
      case 'kill Redis':
      case 'pause Redis':
      case 'flush Redis':
        return this.#breakRedis(kind, fraction);
      case 'divide Redis':
        return this.#divideRedis(node, fraction);
      case 'fail over Redis':
        return this.#failOverRedis();
      case 'slow readers':
        return this.#bystanders.slowReaders?.run();
      case 'fail over PostgreSQL':
        return this.#failOverPostgres();
      case 'trim log':
        // As if everybody had been away for weeks: whoever is behind this gets too_old.
        await postgres.query('UPDATE event_logs SET trimmed_position = last_position');
    }
  }
}

function pick<T>(from: readonly T[], random: RandomPort): T {
  const chosen = from[Math.floor(random.fraction() * from.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from');
  return chosen;
}

/** An answer to a request, over either edge, but for the one that opens the connection. */
function isAnswer(unit: StreamUnit): boolean {
  if (unit.type === 'response') return !unit.head.startsWith('HTTP/1.1 101');
  return unit.type === 'frame' && unit.text !== null && unit.text.includes('"replyTo":"') && !unit.text.includes('"auth.ok"');
}

/** A live event: it has a place in the log, and answers nothing. */
export function isEvent(unit: StreamUnit): boolean {
  return unit.type === 'frame' && unit.text !== null && /"type":"(chat\.message\.(new|updated|delivered|read)|conversation\.updated)"/.test(unit.text) && !unit.text.includes('"replyTo":"');
}
