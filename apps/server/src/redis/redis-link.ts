import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../log.ts';
import type { RedisAddress } from './redis-address.ts';

/** A command as Redis spells it. */
export type RedisCommand = readonly [name: string, ...parameters: (string | number)[]];

/** Redis does not answer at the moment. */
export class RedisAwayError extends Error {
  constructor() {
    super('Redis does not answer');
    this.name = 'RedisAwayError';
  }
}

/** `refused`: at least one of the commands. `away`: no answer in time, or the connection was lost on the way. */
export type RoundTripOutcome = 'answered' | 'refused' | 'away';

/** A connection, or the set of connections to a cluster. */
export type RedisClient = Redis | Cluster;

/**
 * A command without an answer after this is given up, and so is a connection that
 * does not open. Redis answers in under a millisecond; whoever asks has a way
 * without it, and must not wait long to take it.
 */
const ANSWER_WITHIN_MS = 1_000;
/** Then the connection itself is taken for dead, and opened anew: the server was stopped or cut off without a goodbye. */
const SILENT_CONNECTION_MS = 1_500;
/** How soon a Redis that went silent is noticed while nobody asks anything. */
const PING_EVERY_MS = 500;
const RETRY_AFTER_MS = 50;
/** It comes back within this at the latest, once Redis does. */
const LONGEST_RETRY_MS = 1_000;
/** A start waits this long for Redis, and then goes on without it. */
const FIRST_CONNECTION_MS = 2_000;

export interface RedisLinkNeeds {
  address: RedisAddress;
  /** As it shows in CLIENT LIST. */
  name: string;
  log: Pick<Logger, 'warn' | 'info'>;
  /** The state changed; also called with the first one. */
  onState(isUp: boolean): void;
  /** Told of each `run` that was begun. */
  onRoundTrip(outcome: RoundTripOutcome, seconds: number): void;
}

/**
 * The way to Redis, and whether it can be used right now. Nothing is queued
 * while it cannot: a command fails at once, and whoever gave it goes on without.
 */
export class RedisLink {
  /** For short commands, each of which goes through `run` or `inTime`. Rejects while Redis is away. */
  readonly commands: RedisClient;
  readonly isCluster: boolean;
  readonly #needs: RedisLinkNeeds;
  readonly #clients = new Set<RedisClient>();
  readonly #listeners = new Set<(isUp: boolean) => void>();
  readonly #pinger: NodeJS.Timeout;
  #isUp = false;
  #pings = 0;
  /** The last ping of which it is known whether it was answered. */
  #answered = 0;
  #heardAt = 0;
  #isClosed = false;

  private constructor(needs: RedisLinkNeeds) {
    this.#needs = needs;
    this.isCluster = needs.address.type === 'cluster';
    this.commands = this.connect('commands');
    this.commands.on('connect', () => (this.#heardAt = performance.now()));
    this.commands.on('ready', () => void this.#ping());
    this.commands.on('close', () => this.#set(false));
    this.#pinger = setInterval(() => void this.#ping(), PING_EVERY_MS).unref();
    needs.onState(false);
  }

  /** Resolves once Redis answered, or after two seconds without. It is tried for ever. */
  static async open(needs: RedisLinkNeeds): Promise<RedisLink> {
    const link = new RedisLink(needs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONNECTION_MS);
      const stop = link.subscribe(() => {
        stop();
        clearTimeout(timer);
        resolve();
      });
    });
    if (!link.isUp) needs.log.warn('Redis does not answer; this node works on its own until it does');
    return link;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Told on every change. */
  subscribe(listener: (isUp: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * A connection of its own for what would hold others up: a blocking read, or
   * listening to channels. Closed with the link.
   *
   * @param limits by which the library gives up commands and connections; without
   *   them, whoever has the connection looks whether anybody answers
   */
  connect(name: string, limits: Pick<RedisOptions, 'commandTimeout' | 'socketTimeout'> = {}): RedisClient {
    const client = open(this.#needs.address, { connectionName: `${this.#needs.name}-${name}`, ...limits });
    // Without a listener an error would end the process; the state says what there is to say.
    client.on('error', () => undefined);
    // The library gives up for ever where a failover is told of while it asks a sentinel who leads.
    client.on('end', () => setTimeout(() => this.#connectAnew(client), RETRY_AFTER_MS).unref());
    this.#clients.add(client);
    if (this.#isClosed) this.release(client);
    return client;
  }

  #connectAnew(client: RedisClient): void {
    if (this.#isClosed || !this.#clients.has(client) || client.status !== 'end') return;
    client.connect().catch(() => undefined);
  }

  /** Of one that `connect` made: another is taken in its place. */
  release(client: RedisClient): void {
    this.#clients.delete(client);
    client.disconnect();
  }

  /**
   * Many commands with one round trip; in a cluster one for each of its parts,
   * whose order among each other is not kept. The answers come in the order of
   * the commands, an Error in place of each that failed.
   *
   * @throws when Redis is away
   */
  async run(commands: readonly RedisCommand[]): Promise<unknown[]> {
    if (!this.#isUp) throw new RedisAwayError();
    if (commands.length === 0) return [];
    const startedAt = performance.now();
    let outcome: RoundTripOutcome = 'away';
    try {
      const answers = await this.#answersTo(commands);
      outcome = outcomeOf(answers);
      return answers;
    } finally {
      this.#needs.onRoundTrip(outcome, (performance.now() - startedAt) / 1000);
    }
  }

  #answersTo(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const answers = callTogether(this.commands, commands);
    // The parts of a cluster answer each for itself.
    if (this.isCluster) return Promise.all(answers.map((answer) => this.inTime(answer).catch(asError)));
    return this.inTime(Promise.all(answers.map((answer) => answer.catch(asError))));
  }

  /**
   * The answer to what was asked of `commands`, or an error when it takes too long.
   * The library's own limit ends where it tries a command again by itself (of a
   * cluster whose servers all stopped, some took 100 s) and makes every command
   * slow.
   *
   * @param silentMs how long it may take, where it is a command that blocks
   */
  inTime<Answer>(answer: Promise<Answer>, silentMs = ANSWER_WITHIN_MS): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new RedisAwayError()), silentMs);
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pinger);
    this.#listeners.clear();
    for (const client of this.#clients) client.disconnect();
    this.#isUp = false;
    await Promise.resolve();
  }

  async #ping(): Promise<void> {
    const ping = (this.#pings += 1);
    const isUp = await this.inTime(this.commands.ping()).then(
      () => true,
      () => false,
    );
    // Of a part of a cluster that is silent the answer comes later than those of the others after it.
    if (this.#isClosed || ping < this.#answered) return;
    this.#answered = ping;
    if (isUp) this.#heardAt = performance.now();
    else this.#leaveSilentConnection();
    this.#set(isUp);
  }

  /** The library can watch this itself, by a timer for each answer: at a thousand answers a second that shows. A cluster it must watch, because a ping reaches one part. */
  #leaveSilentConnection(): void {
    const { commands: client } = this;
    if (client instanceof Cluster || performance.now() - this.#heardAt < SILENT_CONNECTION_MS) return;
    if (client.status === 'connect' || client.status === 'ready') client.stream.destroy();
  }

  #set(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (isUp) this.#needs.log.info('Redis answers');
    else this.#needs.log.warn('Redis does not answer; this node works on its own until it does');
    this.#needs.onState(isUp);
    for (const listener of [...this.#listeners]) listener(isUp);
  }
}

function open(address: RedisAddress, more: RedisOptions): RedisClient {
  const { hosts, isEncrypted, username, password } = address;
  const options: RedisOptions = {
    // The older protocol: its answers have one shape on every version of Redis.
    protocol: 2,
    connectTimeout: ANSWER_WITHIN_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Whoever listens says so again at `ready`. When the connection goes in that moment, the library's own try fails where nobody catches it, which ends the process.
    autoResubscribe: false,
    // A replica that was a primary a moment ago: connect anew, to whoever leads now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    username,
    password,
    ...(isEncrypted ? { tls: {} } : {}),
    ...more,
  };
  switch (address.type) {
    case 'cluster':
      return new Cluster([...hosts], {
        redisOptions: { socketTimeout: SILENT_CONNECTION_MS, ...options },
        enableOfflineQueue: false,
        clusterRetryStrategy: retryAfter,
        clusterNodeRetryStrategy: retryAfter,
        shardedSubscribers: true,
        // What is given in one turn of the event loop goes out together, by the node that has the keys, and keeps its order when that changes.
        enableAutoPipelining: true,
        // Names of certificates are those of the hosts, not of the addresses behind them.
        dnsLookup: (host, callback) => callback(null, host),
      });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...hosts],
        name: address.group,
        db: address.database,
        enableOfflineQueue: false,
        retryStrategy: retryAfter,
        sentinelRetryStrategy: retryAfter,
        ...(password === undefined ? {} : { sentinelPassword: password }),
        ...(username === undefined ? {} : { sentinelUsername: username }),
        enableTLSForSentinelMode: isEncrypted,
        failoverDetector: true,
      });
    case 'single':
      return new Redis({ ...options, ...hosts[0], db: address.database, enableOfflineQueue: false, retryStrategy: retryAfter });
  }
}

/**
 * The answer to each, asked for in one write. The library's own pipelines, which a
 * cluster needs, take twice the CPU and keep one another from being collected
 * while they are young. None of the answers has to be waited for.
 */
export function callTogether(client: RedisClient, commands: readonly RedisCommand[]): Promise<unknown>[] {
  // Changes with every connection, and is not there before the first.
  const stream: Redis['stream'] | null = client instanceof Cluster ? null : client.stream;
  stream?.cork();
  try {
    return commands.map(([name, ...parameters]) => {
      const answer = client.call(name, ...parameters);
      answer.catch(() => undefined);
      return answer;
    });
  } finally {
    stream?.uncork();
  }
}

function outcomeOf(answers: readonly unknown[]): RoundTripOutcome {
  const failed = answers.find((answer) => answer instanceof Error);
  if (failed === undefined) return 'answered';
  return failed.name === 'ReplyError' ? 'refused' : 'away';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function retryAfter(times: number): number {
  const delay = Math.min(RETRY_AFTER_MS * 2 ** Math.min(times, 10), LONGEST_RETRY_MS);
  // Nodes that lost it together do not come back at the same instant.
  return delay * (0.5 + Math.random() / 2);
}
