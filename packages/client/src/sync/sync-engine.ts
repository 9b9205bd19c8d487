import { CoupletError, type ConversationId, type Epoch, type SyncPage, type UserId } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import type { SyncPhase } from '../connection/connection-state.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import { mergeConversation } from '../store/merge-rows.ts';
import { PacedAnnouncer } from '../store/paced-announcer.ts';
import type { Store } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import { type LogEntry, writeEvents } from '../store/write-events.ts';
import type { TransportConnection, TransportOpening } from '../transports/transport.ts';
import { advance, contiguous, cursorAt, hasGap, hold, type LogCursor, notice } from './log-cursor.ts';
import { replaceBySnapshot } from './replace-by-snapshot.ts';

export interface SyncEngineOptions {
  viewerId: UserId;
  store: Store;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  report: Report;
  announce: Announce;
  phaseChanged(phase: SyncPhase): void;
  /** Everything was replaced by a snapshot. */
  resynced(): void;
  /** Receipts to confirm are in the store. */
  received(): void;
  /** The log showed entries of the outbox as done: what stood behind them need not wait. */
  settled(): void;
}

/**
 * Follows the user's log: backfill, cut over, live.
 *
 * Order matters. The server subscribes the connection before it reads the
 * position of `auth.ok`; from then on live events are held here. The backfill
 * fetches from the stored position until there is no more; the cut-over drops
 * what of the held it has brought and applies the rest in order. From there an
 * event at the next position is applied, an older one ignored, and a later one
 * waits a moment for those it overtook before the gap is fetched.
 *
 * One task at a time touches the log (`#run`). Live events, acknowledgements and
 * the end of the connection may come at any moment and only leave a note.
 */
export class SyncEngine {
  readonly #options: SyncEngineOptions;
  /** The backfill's pages; live events are announced each by itself, at once. */
  readonly #paced: PacedAnnouncer;
  #cursor: LogCursor<LogEntry> = cursorAt(0);
  #connection: TransportConnection | null = null;
  #opening: TransportOpening | null = null;
  /** The numbering that the cursor counts in; `null` until a snapshot was taken. */
  #epoch: Epoch | null = null;
  #phase: SyncPhase = 'backfill';
  #failures = 0;
  #running = false;
  #cancelTimer: (() => void) | null = null;

  constructor(options: SyncEngineOptions) {
    this.#options = options;
    this.#paced = new PacedAnnouncer(options);
  }

  get position(): number {
    return this.#cursor.reached;
  }

  async restore(): Promise<void> {
    const { epoch, position } = await this.#options.store.read((reader) => reader.getLog());
    this.#epoch = epoch;
    this.#cursor = cursorAt(position);
  }

  connected(connection: TransportConnection, opening: TransportOpening): void {
    this.#connection = connection;
    this.#opening = opening;
    this.#failures = 0;
    const continues = opening.epoch === this.#epoch && opening.position >= this.#cursor.reached;
    if (!continues) this.#epoch = null;
    // What was held came through another connection: the backfill brings it
    // again. Under a new numbering the old position means nothing, so that from
    // here every live event is held until the snapshot tells where it begins.
    this.#cursor = cursorAt(continues ? this.#cursor.reached : 0);
    this.#startBackfill();
  }

  disconnected(): void {
    this.#connection = null;
    this.#opening = null;
    this.#cancelWait();
  }

  /** A live event, or the acknowledgement of a send that is in the store and takes its place in the log. */
  receive(entry: LogEntry): void {
    this.#cursor = hold(this.#cursor, entry.position, entry);
    this.#wake();
  }

  /**
   * The server says how far the log reaches: how a loss after which nothing more
   * came is noticed on a connection that lives. What is on its way has its moment.
   */
  logReaches(position: number): void {
    this.#cursor = notice(this.#cursor, position);
    this.#wake();
  }

  close(): void {
    this.disconnected();
    this.#paced.close();
  }

  #wake(): void {
    if (this.#phase === 'live') void this.#run();
  }

  #startBackfill(): void {
    this.#cancelWait();
    this.#setPhase('backfill');
    void this.#run();
  }

  #setPhase(phase: SyncPhase): void {
    this.#phase = phase;
    this.#options.phaseChanged(phase);
  }

  /**
   * Works until there is nothing to do now. A second call while it works is the
   * same work: between the last look at the cursor and the end nothing is awaited,
   * so that no note is left unread.
   */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const connection = this.#connection;
        const opening = this.#opening;
        if (connection === null || opening === null) return;
        const entries = contiguous(this.#cursor);
        try {
          if (this.#phase === 'backfill') await this.#backfill(connection, opening).finally(() => this.#paced.flush());
          else if (entries.length > 0) await this.#applyLive(entries);
          else {
            if (hasGap(this.#cursor)) this.#awaitMissing();
            return;
          }
        } catch (error) {
          if (this.#connection !== connection) continue;
          this.#retryLater(error);
          return;
        }
      }
    } finally {
      this.#running = false;
    }
  }

  async #backfill(connection: TransportConnection, opening: TransportOpening): Promise<void> {
    let isFresh = this.#epoch !== opening.epoch;
    let ahead: { since: number; page: Promise<SyncPage> } | null = null;
    if (isFresh) await this.#takeSnapshot();
    // Past the opening's position the live events are held here, unless one was lost.
    while (this.#cursor.reached < opening.position || hasGap(this.#cursor)) {
      const { reached } = this.#cursor;
      let page: SyncPage;
      try {
        page = await (ahead?.since === reached ? ahead.page : this.#fetchPage(connection, opening, reached));
      } catch (error) {
        if (!(error instanceof CoupletError) || error.code !== 'too_old' || isFresh) throw error;
        isFresh = true;
        ahead = null;
        await this.#takeSnapshot();
        continue;
      }
      // The next page is on its way while this one is written.
      ahead = page.hasMore ? { since: page.position, page: this.#fetchPage(connection, opening, page.position) } : null;
      // Awaited in its turn, or not at all when this page cannot be written.
      ahead?.page.catch(() => undefined);
      // Whatever the events' own positions are: a row that the server had to
      // skip is not a gap.
      await this.#write(page.events, page.position, (touched) => this.#paced.add(touched), 'later');
      if (!page.hasMore) break;
      if (this.#cursor.reached === reached) throw new CoupletError('internal', 'The log says that there is more but does not go on.');
    }
    if (this.#connection !== connection) return;
    this.#failures = 0;
    this.#setPhase('live');
  }

  #fetchPage(connection: TransportConnection, opening: TransportOpening, since: number): Promise<SyncPage> {
    return connection.sync({ epoch: this.#epoch ?? opening.epoch, since, limit: BACKFILL_PAGE });
  }

  /** Applies what follows `reached` without a gap. */
  async #applyLive(entries: readonly LogEntry[]): Promise<void> {
    this.#cancelWait();
    await this.#write(entries, this.#cursor.reached + entries.length, this.#options.announce);
  }

  /** One transaction: the events' rows and the position they bring the device to. */
  async #write(entries: readonly LogEntry[], position: number, announce: Announce, wordsOfNew: 'changed' | 'later' = 'changed'): Promise<void> {
    const { store, viewerId, report, received, settled } = this.#options;
    const epoch = this.#epoch;
    await this.#fetchUnknownConversations(entries);
    const touched = new Touched();
    const reached = await store.transaction(async (writer) => {
      const log = await writer.getLog();
      if (log.epoch !== epoch) throw new CoupletError('too_old', 'Another tab took a snapshot under another numbering.');
      // What another tab has applied is not applied twice: its count of unread
      // messages is older than what is there by now.
      const ahead = entries.filter((entry) => entry.position > log.position);
      await writeEvents(writer, { viewerId, report, touched, wordsOfNew }, ahead);
      const furthest = Math.max(log.position, position);
      await writer.putLog({ ...log, position: furthest });
      return furthest;
    });
    // A reconnect in the meantime may have begun another numbering.
    if (this.#epoch === epoch) this.#cursor = advance(this.#cursor, reached);
    await announce(touched);
    received();
    if (touched.outboxes.size > 0) settled();
  }

  /**
   * A message of a conversation that is past the edge of this device. Fetched
   * before the transaction, which must not wait for the network.
   */
  async #fetchUnknownConversations(entries: readonly LogEntry[]): Promise<void> {
    const { store, api, report } = this.#options;
    const unknown = await store.read(async (reader) => {
      const begun = new Set<ConversationId>();
      const needed = new Set<ConversationId>();
      for (const entry of entries) {
        if (entry.type === 'conversation.updated') begun.add(entry.conversation.id);
        if (entry.type === 'chat.message.new' && !begun.has(entry.message.conversationId)) needed.add(entry.message.conversationId);
      }
      const stored = await Promise.all([...needed].map((id) => reader.getConversation(id)));
      return [...needed].filter((_, index) => stored[index] === null);
    });
    for (const id of unknown) {
      try {
        const conversation = await api.call('getConversation', { params: { id } });
        await store.transaction(async (writer) =>
          writer.putConversation(mergeConversation(await writer.getConversation(id), conversation)),
        );
      } catch (error) {
        if (!(error instanceof CoupletError) || error.code !== 'not_found') throw error;
        report('sync', error);
      }
    }
  }

  async #takeSnapshot(): Promise<void> {
    const { store, api, viewerId, announce, resynced, received, settled } = this.#options;
    await this.#paced.flush();
    let touched = new Touched();
    const before = await store.read((reader) => reader.getLog());
    const snapshot = await api.call('getSnapshot');
    const reached = await store.transaction(async (writer) => {
      const log = await writer.getLog();
      // Another tab took one in the meantime and went on from there: replacing that
      // would lose what came after.
      const hasMoved = log.epoch !== before.epoch || log.position !== before.position;
      if (hasMoved && log.epoch === snapshot.epoch && log.position >= snapshot.position) return log.position;
      touched = await replaceBySnapshot(writer, viewerId, snapshot);
      return snapshot.position;
    });
    this.#epoch = snapshot.epoch;
    this.#cursor = advance({ ...this.#cursor, reached }, reached);
    resynced();
    await announce(touched);
    received();
    if (touched.outboxes.size > 0) settled();
  }

  /** Events can overtake each other by moments; past that it is a loss, and the log has it. */
  #awaitMissing(): void {
    this.#cancelTimer ??= this.#options.clock.schedule(OVERTAKING_MS, () => {
      this.#cancelTimer = null;
      if (this.#connection !== null && hasGap(this.#cursor)) this.#startBackfill();
    });
  }

  #retryLater(error: unknown): void {
    const { clock, random, report } = this.#options;
    report('sync', error);
    this.#failures += 1;
    this.#cancelWait();
    this.#setPhase('backfill');
    this.#cancelTimer = clock.schedule(RETRY_FLOOR_MS + fullJitterDelay(this.#failures, RETRY, random.fraction()), () => {
      this.#cancelTimer = null;
      void this.#run();
    });
  }

  #cancelWait(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

/**
 * Events applied in one go. A page of the server's largest keeps a slow phone busy
 * for longer than a frame or two; between the pages the screen has its turn.
 */
const BACKFILL_PAGE = 200;
/** Two writers' fan-outs can cross within milliseconds; a quarter second is not yet seen by a person. */
const OVERTAKING_MS = 250;
/** A backfill that failed on a living connection: the server is in trouble, and asking faster does not help it. */
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 30_000 };
const RETRY_FLOOR_MS = 250;
