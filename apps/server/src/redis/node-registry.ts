import { attemptAll } from './attempt-all.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';

export interface NodeRegistryTimes {
  /** How often a node says that it lives. */
  beatMs: number;
  /** A node that was not heard of for this long is dead. Three beats, one of which may be late. */
  deadAfterMs: number;
}

export const NODE_TIMES: NodeRegistryTimes = { beatMs: 3_000, deadAfterMs: 9_000 };

/** Whoever sees to a dead node has this long, from its last beat on, before another one tries. */
const CLAIM_MS = 10_000;
/** What stands in a claim once all was taken over, with when the node was last heard of: for a node that was only cut off. After this long its people have come back elsewhere. */
const TAKEN_OVER = 'taken over from ';
const TAKEN_OVER_MS = 24 * 3_600_000;

/** @param wasTakenOver others may have taken this node for dead, and have told so of some or all that is here */
export type Rewrite = (wasTakenOver: boolean) => Promise<void>;

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
  readonly #onForgotten: Rewrite[] = [];
  readonly #onBeat: (() => Promise<void>)[] = [];
  readonly #onDead: ((node: string, heardAt: number) => Promise<void>)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #stopFollowing: () => void;
  /** Whether Redis has everything of this node. */
  #isKnown = false;
  /** Whether what is here has still to learn that this node was taken for dead. */
  #wasTakenOver = false;
  /** Whether another node was taking this one over at its last beat. */
  #isClaimed = false;
  /** By the clock of Redis: since then this node has spoken without a gap. */
  #unbrokenSince = Infinity;
  /** By the clock of this node, when a beat was answered last: Redis may have taken one whose answer was lost. */
  #answeredAt = -Infinity;
  #writing: Promise<void> | undefined;
  #nextWriting: Promise<void> | undefined;
  readonly #takingOver = new Map<string, Promise<void>>();
  /** Those of them whose claim this node holds. */
  readonly #claimed = new Set<string>();
  #isRetired = false;
  #isClosed = false;

  constructor(options: NodeRegistryOptions) {
    this.#options = options;
    this.node = options.node;
    this.#timer = setInterval(() => void this.beat(), options.times.beatMs).unref();
    this.#stopFollowing = options.link.subscribe((isUp) => {
      // What Redis knew may be gone: this node says everything again.
      if (!isUp) this.#isKnown = false;
      else void this.beat();
    });
  }

  /** Called when Redis does not know this node (any more): everything of it there is to be written again. Called again when it fails. */
  onForgotten(rewrite: Rewrite): void {
    this.#onForgotten.push(rewrite);
  }

  /** Called with every beat, to keep alive what expires. */
  onBeat(refresh: () => Promise<void>): void {
    this.#onBeat.push(refresh);
  }

  /** Called to take over what a dead node left, with when that was last heard of (epoch milliseconds): on one node, but on another one as well when the first fails or stands still in the middle of it. */
  onDead(takeOver: (node: string, heardAt: number) => Promise<void>): void {
    this.#onDead.push(takeOver);
  }

  /** Says that this node lives, and resolves when Redis has everything of it, as far as it can be reached. */
  async beat(): Promise<void> {
    const { link, times, onError } = this.#options;
    if (!link.isUp || this.#isClosed) return;
    try {
      const { now, dead } = await this.#sayAlive();
      // Whoever did not speak, as nobody does while Redis is away, takes nobody for dead before the others had their time to speak.
      if (now - this.#unbrokenSince >= times.deadAfterMs) for (const [node, heardAt] of dead) this.#takeOver(node, heardAt);
      await this.#write();
    } catch (error) {
      this.#isKnown = false;
      if (!this.#isClosed && link.isUp) onError(error);
    }
  }

  /** Takes over from no more nodes. Resolves when none is being taken over: another one begins with it anew. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await Promise.all(this.#takingOver.values());
  }

  /** Falls silent. Another node takes over what this one leaves, also after a stop in order: its people have time to come back elsewhere. */
  async close(): Promise<void> {
    await this.retire();
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopFollowing();
    await (this.#nextWriting ?? this.#writing)?.catch(() => undefined);
    // That time begins now, not at the last beat.
    if (this.#options.link.isUp) await this.#options.link.run([this.#beating({ isLast: true })]).catch(() => undefined);
  }

  #beating({ isLast }: { isLast: boolean }): RedisCommand {
    const { keys, times } = this.#options;
    return ['EVAL', BEAT, 1, keys.nodes, this.node, times.deadAfterMs, isLast ? '1' : '0'];
  }

  async #sayAlive(): Promise<{ now: number; dead: [node: string, heardAt: number][] }> {
    const { link, keys, times } = this.#options;
    const ownClaim = keys.claim(this.node);
    const claims = [...this.#claimed].map((node) => this.#holding(node, this.node, CLAIM_MS));
    const [answer, claimAnswer] = await link.run([this.#beating({ isLast: false }), ['GET', ownClaim], ...claims]);
    if (answer instanceof Error) throw answer;
    // Of a part of Redis that is lost: this node lives all the same. A claim to it lasts, and says so later.
    const claim = claimAnswer instanceof Error ? null : claimAnswer;
    const [nowText, silentText, ...found] = Array.isArray(answer) ? answer.map(String) : [];
    const [now, silentMs] = [Number(nowText), Number(silentText)];
    const isNew = silentMs < 0;
    // Silence alone says that somebody may have begun with it. While they are at it, and once after, everything is written with every beat: it may be taken away right after.
    if (claim !== null || this.#isClaimed || silentMs >= times.deadAfterMs) this.#wasTakenOver = true;
    const answeredAt = performance.now();
    const longestMs = Math.max(silentMs, answeredAt - this.#answeredAt);
    this.#answeredAt = answeredAt;
    const isOver = typeof claim === 'string' && claim.startsWith(TAKEN_OVER);
    this.#isClaimed = claim !== null && !isOver;
    if (isNew || this.#wasTakenOver) this.#isKnown = false;
    // Half the time of the dead: others who spoke just before a gap of that length are not yet dead after it.
    if (isNew || longestMs > times.deadAfterMs / 2 || this.#unbrokenSince > now) this.#unbrokenSince = now;
    if (isOver) succeeded(await link.run([['DEL', ownClaim]]));
    const dead = found.flatMap((node, index): [string, number][] => (index % 2 === 0 ? [[node, Number(found[index + 1])]] : []));
    return { now, dead };
  }

  /** One at a time, and one that waits: whoever asks meanwhile gets what is so then. Beside the beats, which go on however long it takes. */
  #write(): Promise<void> {
    this.#nextWriting ??= (this.#writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#nextWriting = undefined;
        this.#writing = this.#writeOnce().finally(() => {
          this.#writing = undefined;
        });
        return this.#writing;
      });
    return this.#nextWriting;
  }

  async #writeOnce(): Promise<void> {
    if (this.#isKnown) {
      return attemptAll(this.#onBeat);
    }
    const wasTakenOver = this.#wasTakenOver;
    // Before, not after: what a beat finds meanwhile counts.
    this.#isKnown = true;
    this.#wasTakenOver = false;
    try {
      await attemptAll(this.#onForgotten.map((rewrite) => () => rewrite(wasTakenOver)));
    } catch (error) {
      this.#wasTakenOver ||= wasTakenOver;
      throw error;
    }
  }

  /** Beside the beats, and those of several nodes beside each other. */
  #takeOver(node: string, heardAt: number): void {
    if (this.#isRetired || this.#takingOver.has(node)) return;
    const { link, onError } = this.#options;
    const takingOver = this.#takeOverOnce(node, heardAt)
      .catch((error: unknown) => {
        // Tried again when the claim is over, here or elsewhere.
        if (!this.#isClosed && link.isUp) onError(error);
      })
      .finally(() => {
        this.#claimed.delete(node);
        this.#takingOver.delete(node);
      });
    this.#takingOver.set(node, takingOver);
  }

  async #takeOverOnce(node: string, heardAt: number): Promise<void> {
    const { link, keys } = this.#options;
    const claim = keys.claim(node);
    const over = `${TAKEN_OVER}${heardAt}`;
    // Found dead a while ago: taken over, or back, since?
    const [lastHeardAt] = succeeded(await link.run([['ZSCORE', keys.nodes, node]]));
    if (lastHeardAt === null || Number(lastHeardAt) !== heardAt) return;
    const [claimed] = succeeded(await link.run([['EVAL', CLAIM, 1, claim, this.node, CLAIM_MS, over, TAKEN_OVER]]));
    if (claimed === 0) return;
    if (claimed === 2) return this.#strike(node, heardAt);
    this.#claimed.add(node);
    for (const takeOver of this.#onDead) {
      if (this.#isRetired) {
        this.#claimed.delete(node);
        await link.run([this.#holding(node, this.node, 1)]);
        return;
      }
      await takeOver(node, heardAt);
    }
    // From here on no beat shortens what is to last. In this order: a node that comes back in between must find why it is not known.
    this.#claimed.delete(node);
    const [isDone] = succeeded(await link.run([this.#holding(node, over, TAKEN_OVER_MS)]));
    // Whoever stood still for so long that another one began with it leaves the end to that one.
    if (isDone === 1) await this.#strike(node, heardAt);
  }

  /** What stands in this node's claim to another, and for how long from now on. Answers 0, and does nothing, where it is not this node's any more. */
  #holding(node: string, claim: string, lastsMs: number): RedisCommand {
    return ['EVAL', HOLD, 1, this.#options.keys.claim(node), this.node, claim, lastsMs];
  }

  /** Off the list, unless it has spoken since: then it finds the claim, and dies another time. */
  async #strike(node: string, heardAt: number): Promise<void> {
    const { link, keys } = this.#options;
    succeeded(await link.run([['EVAL', STRIKE, 1, keys.nodes, node, heardAt]]));
  }
}

/** @throws the first Error among them */
function succeeded(answers: unknown[]): unknown[] {
  const failed = answers.find((answer) => answer instanceof Error);
  if (failed) throw failed;
  return answers;
}

/**
 * `KEYS[1]` the nodes; `ARGV` this node, milliseconds after which one is dead,
 * whether it says so for the last time: then only where it is known. Answers the
 * time, for how long this node was silent (-1 when it was not known), and the dead
 * ones, each with when it was heard of.
 */
const BEAT = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local was = redis.call('ZSCORE', KEYS[1], ARGV[1])
  if was or ARGV[3] == '0' then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
  local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2], 'WITHSCORES')
  table.insert(dead, 1, was and string.format('%d', now - was) or '-1')
  table.insert(dead, 1, string.format('%d', now))
  return dead`;

/** `KEYS[1]` the nodes; `ARGV` the dead one, when it was heard of. */
const STRIKE = `
  if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end`;

/**
 * `KEYS[1]` the claim; `ARGV` who claims, for how many milliseconds, what stands
 * there when this has been done, and with what such begins: an earlier one is no
 * hindrance. Answers 1 when it is theirs, 2 when it has been done.
 */
const CLAIM = `
  local claim = redis.call('GET', KEYS[1])
  if claim == ARGV[3] then return 2 end
  if claim and string.sub(claim, 1, #ARGV[4]) ~= ARGV[4] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`;

/** `KEYS[1]` the claim; `ARGV` whose it must be, what is to stand there, for how many milliseconds. */
const HOLD = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1`;
