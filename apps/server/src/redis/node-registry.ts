import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';

export interface NodeRegistryTimes {
  /** How often a node says that it lives. */
  beatMs: number;
  /** A node that was not heard of for this long is dead. Three beats, one of which may be late. */
  deadAfterMs: number;
}

export const NODE_TIMES: NodeRegistryTimes = { beatMs: 5_000, deadAfterMs: 15_000 };

/** Whoever sees to a dead node has this long, before another one tries. */
const CLAIM_MS = 30_000;

export interface NodeRegistryOptions {
  link: RedisLink;
  keys: RedisKeys;
  /** This run of this node: another after every start. */
  node: string;
  times: NodeRegistryTimes;
  onError(error: unknown): void;
}

/**
 * Which nodes live, by the clock of Redis: those of the nodes need not agree.
 * Every node says so at intervals; one of them sees to what a dead one left.
 */
export class NodeRegistry {
  readonly node: string;
  readonly #options: NodeRegistryOptions;
  readonly #onForgotten: (() => Promise<void>)[] = [];
  readonly #onBeat: (() => Promise<void>)[] = [];
  readonly #onDead: ((node: string, heardAt: number) => Promise<void>)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #stopFollowing: () => void;
  #beating: Promise<void> | undefined;
  #isKnown = false;
  #isClosed = false;

  constructor(options: NodeRegistryOptions) {
    this.#options = options;
    this.node = options.node;
    this.#timer = setInterval(() => void this.beat(), options.times.beatMs).unref();
    this.#stopFollowing = options.link.subscribe((isUp) => {
      // What Redis knew may be gone, and others may have taken this node for dead: it says everything again.
      if (!isUp) this.#isKnown = false;
      else void this.beat();
    });
  }

  /** Called when Redis does not know this node (any more): everything of it there is to be written again. */
  onForgotten(rewrite: () => Promise<void>): void {
    this.#onForgotten.push(rewrite);
  }

  /** Called with every beat, to keep alive what expires. */
  onBeat(refresh: () => Promise<void>): void {
    this.#onBeat.push(refresh);
  }

  /** Called on one node, to take over what a dead one left, with when it was last heard of (epoch milliseconds). Called again elsewhere when it fails. */
  onDead(takeOver: (node: string, heardAt: number) => Promise<void>): void {
    this.#onDead.push(takeOver);
  }

  /** Says that this node lives. One at a time: asked meanwhile it answers the one under way. */
  beat(): Promise<void> {
    this.#beating ??= this.#beatOnce()
      .catch((error: unknown) => {
        this.#isKnown = false;
        if (!this.#isClosed && this.#options.link.isUp) this.#options.onError(error);
      })
      .finally(() => {
        this.#beating = undefined;
      });
    return this.#beating;
  }

  /** Falls silent. Another node takes over what this one leaves, also after a stop in order: its people have time to come back elsewhere. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopFollowing();
    await this.#beating;
  }

  async #beatOnce(): Promise<void> {
    const { link, keys, times } = this.#options;
    if (!link.isUp || this.#isClosed) return;
    const [answer] = await link.run([['EVAL', BEAT, 1, keys.nodes, this.node, times.deadAfterMs]]);
    if (answer instanceof Error) throw answer;
    const [isNew, ...dead] = Array.isArray(answer) ? answer.map(String) : [];
    const wasKnown = this.#isKnown && isNew !== '1';
    for (const refresh of wasKnown ? this.#onBeat : this.#onForgotten) await refresh();
    this.#isKnown = true;
    for (let at = 0; at + 1 < dead.length; at += 2) await this.#takeOver(dead[at] ?? '', Number(dead[at + 1]));
  }

  async #takeOver(node: string, heardAt: number): Promise<void> {
    const { link, keys } = this.#options;
    const [claimed] = await link.run([['SET', keys.claim(node), this.node, 'NX', 'PX', CLAIM_MS]]);
    if (claimed !== 'OK') return;
    for (const takeOver of this.#onDead) await takeOver(node, heardAt);
    await link.run([['ZREM', keys.nodes, node]]);
  }
}

/** `KEYS[1]` the nodes; `ARGV` this node, milliseconds after which one is dead. Answers whether it was unknown, then the dead ones, each with when it was heard of. */
const BEAT = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local added = redis.call('ZADD', KEYS[1], now, ARGV[1])
  local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2], 'WITHSCORES')
  table.insert(dead, 1, tostring(added))
  return dead`;
