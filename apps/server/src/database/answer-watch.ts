import { Socket } from 'node:net';
import pg from 'pg';
import type { DatabaseAddress } from './pool.ts';

/** For whoever waits for PostgreSQL, to say so. */
export type Answers = Pick<AnswerWatch, 'began' | 'ended'>;

export interface AnswerWatchTimes {
  /** Whoever waits for longer than this makes it ask which server is there. Statements of ours take milliseconds. */
  silentMs: number;
  lookEveryMs: number;
}

export const ANSWER_WATCH_TIMES: AnswerWatchTimes = { silentMs: 3_000, lookEveryMs: 1_000 };

export interface AnswerWatchOptions {
  address: DatabaseAddress;
  times?: AnswerWatchTimes;
  /** Connections to a server that is there no more were given up. */
  onGone(connections: number): void;
}

/**
 * The connections to one PostgreSQL. Where its machine is gone and another one
 * took its place, those to the old one stay open and nobody ever answers; the
 * system itself notices after a quarter of an hour. So when something was waited
 * for too long, or a connection was closed, one of its own asks since when the
 * server is running: if that has changed, those of before end at once, and what
 * was under way fails like with every lost connection.
 *
 * Not for connections to a pooler, which stay while the servers behind it change.
 */
export class AnswerWatch {
  /** For every connection that is to be watched. */
  readonly address: DatabaseAddress;
  readonly #options: Required<AnswerWatchOptions>;
  /** With when each was opened. */
  readonly #sockets = new Map<Socket, number>();
  /** In the order in which they began. */
  readonly #waiting = new Map<object, number>();
  readonly #timer: NodeJS.Timeout;
  /** When the server was started, as it says itself; undefined until that is known. */
  #startedAt: string | undefined;
  /** Those that were open when the first was closed since it was asked last. A server that was started anew has closed all of its own: younger ones are good, and those that still wait for their first word may become so. */
  #doubted: ReadonlySet<Socket> | undefined;
  #asking: Promise<void> | undefined;
  #askedAt = -Infinity;

  constructor(options: AnswerWatchOptions) {
    this.#options = { times: ANSWER_WATCH_TIMES, ...options };
    this.address = { ...options.address, stream: () => this.#open() };
    this.#timer = setInterval(() => this.#look(), this.#options.times.lookEveryMs).unref();
  }

  /** Somebody begins to wait for the server. */
  began(waiting: object): void {
    this.#waiting.set(waiting, performance.now());
  }

  ended(waiting: object): void {
    this.#waiting.delete(waiting);
  }

  /** Whoever has a connection of the pool waits for the server. */
  watch(pool: pg.Pool): pg.Pool {
    pool.on('acquire', (client) => this.began(client));
    pool.on('release', (_error, client) => this.ended(client));
    pool.on('remove', (client) => this.ended(client));
    return pool;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
  }

  #open(): Socket {
    const socket = new Socket();
    this.#sockets.set(socket, performance.now());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#doubted ??= new Set([...this.#sockets.keys()].filter(wasAnswered));
    });
    return socket;
  }

  #look(): void {
    if (this.#asking) return;
    const { silentMs } = this.#options.times;
    const now = performance.now();
    const [longest = Infinity] = this.#waiting.values();
    const isSilent = now - longest > silentMs && now - this.#askedAt > silentMs;
    if (this.#startedAt !== undefined && this.#doubted === undefined && !isSilent) return;
    this.#askedAt = now;
    this.#asking = this.#ask(this.#doubted ?? this.#silentSince(longest)).finally(() => {
      this.#asking = undefined;
    });
  }

  /** But for those that were opened since and answered: their server spoke while the other was silent. */
  #silentSince(since: number): ReadonlySet<Socket> {
    return new Set([...this.#sockets].flatMap(([socket, openedAt]) => (openedAt > since && wasAnswered(socket) ? [] : [socket])));
  }

  /**
   * Whoever cannot be asked may be slow, paused or away: nothing follows from it.
   *
   * @param older connections to the server of before, if it is another one now
   */
  async #ask(older: ReadonlySet<Socket>): Promise<void> {
    const { address, times, onGone } = this.#options;
    const doubted = this.#doubted;
    const socket = new Socket();
    try {
      const client = new pg.Client({
        ...address,
        stream: () => socket,
        connectionTimeoutMillis: times.silentMs,
        query_timeout: times.silentMs,
        application_name: 'couplet-watch',
      });
      client.on('error', () => undefined);
      await client.connect();
      const { rows } = await client.query<{ startedAt: string }>('SELECT extract(epoch FROM pg_postmaster_start_time())::text AS "startedAt"');
      // Its answer is not waited for: there may be nobody again.
      client.end().catch(() => undefined);
      const before = this.#startedAt;
      this.#startedAt = rows[0]?.startedAt;
      if (this.#doubted === doubted) this.#doubted = undefined;
      if (before === undefined || before === this.#startedAt) return;
      const gone = [...older].filter((each) => !each.destroyed);
      for (const each of gone) each.destroy(new Error('Connection terminated: PostgreSQL is another server than before'));
      if (gone.length > 0) onGone(gone.length);
    } catch {
      return;
    } finally {
      socket.destroySoon();
    }
  }
}

function wasAnswered(socket: Socket): boolean {
  return socket.bytesRead > 0;
}
