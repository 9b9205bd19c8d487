import { CoupletError, type ConversationId } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { Announce } from '../store/announcer.ts';
import type { PendingReceipts, Store } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import type { TransportConnection, WatermarkKind } from '../transports/transport.ts';

export interface ReceiptsOptions {
  store: Store;
  clock: ClockPort;
  random: RandomPort;
  report: Report;
  announce: Announce;
}

/**
 * Tells the server how far the viewer received and read. What is still to be
 * told is in the store: it survives restarts and goes out again after each
 * reconnect until it was acknowledged. Many messages make one receipt.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  /** Acknowledged on this connection, and for `read` not yet seen in the log: nothing to send again. */
  readonly #told = new Map<string, number>();
  #connection: TransportConnection | null = null;
  #cancelTimer: (() => void) | null = null;
  #flushing = false;
  #failures = 0;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  connected(connection: TransportConnection): void {
    this.#connection = connection;
    this.#told.clear();
    this.#failures = 0;
    this.wake();
  }

  disconnected(): void {
    this.#connection = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** The viewer has seen everything up to `seq`: shown at once, told soon. */
  async markRead(conversationId: ConversationId, seq: number): Promise<void> {
    const touched = new Touched();
    await this.#options.store.transaction(async (writer) => {
      const conversation = await writer.getConversation(conversationId);
      if (conversation === null) throw new CoupletError('not_found');
      const before = await writer.getReceipts(conversationId);
      const readSeq = Math.min(seq, conversation.lastSeq);
      if (readSeq <= Math.max(conversation.readSeq, before?.readSeq ?? 0)) return;
      // Read implies delivered: a delivery up to here needs no telling of its own.
      const deliveredSeq = before !== null && before.deliveredSeq > readSeq ? before.deliveredSeq : 0;
      await writer.putReceipts({ conversationId, deliveredSeq, readSeq });
      touched.conversations.add(conversationId);
    });
    await this.#options.announce(touched);
    this.wake();
  }

  /** There may be something to tell. */
  wake(): void {
    if (this.#connection === null || this.#cancelTimer !== null || this.#flushing) return;
    this.#schedule(COALESCE_MS);
  }

  close(): void {
    this.disconnected();
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#cancelTimer = null;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const connection = this.#connection;
    if (connection === null || this.#flushing) return;
    this.#flushing = true;
    try {
      const waiting = await this.#options.store.read((reader) => reader.listReceipts());
      for (let first = 0; first < waiting.length; first += AT_ONCE) {
        if (this.#connection !== connection) return;
        await this.#tellTogether(connection, waiting.slice(first, first + AT_ONCE));
      }
      this.#failures = 0;
    } catch (error) {
      this.#options.report('receipts', error);
      this.#failures += 1;
    } finally {
      this.#flushing = false;
    }
    if (this.#connection === null || this.#cancelTimer !== null) return;
    if (this.#failures > 0) this.#schedule(COALESCE_MS + fullJitterDelay(this.#failures, RETRY, this.#options.random.fraction()));
    else if (await this.#hasMore()) this.wake();
  }

  /** Side by side, for a catch-up leaves a receipt in each of hundreds of conversations; rejects when one could not be told, after the others were. */
  async #tellTogether(connection: TransportConnection, waiting: readonly PendingReceipts[]): Promise<void> {
    const told = await Promise.allSettled(waiting.map((receipts) => this.#tell(connection, receipts)));
    await this.#forget(told.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
    for (const one of told) if (one.status === 'rejected') throw one.reason;
  }

  /** Resolves with what need not be told again. */
  async #tell(connection: TransportConnection, { conversationId, readSeq, deliveredSeq }: PendingReceipts): Promise<Told[]> {
    const read: Told = { kind: 'read', conversationId, seq: readSeq };
    const delivered: Told = { kind: 'delivered', conversationId, seq: deliveredSeq };
    const done = (await this.#advance(connection, read)) ? [read] : [];
    if (deliveredSeq > readSeq && (await this.#advance(connection, delivered))) done.push(delivered);
    return done;
  }

  /** Whether nothing is left of it to be told. */
  async #advance(connection: TransportConnection, { kind, conversationId, seq }: Told): Promise<boolean> {
    const key = `${kind} ${conversationId}`;
    if (seq <= (this.#told.get(key) ?? 0)) return false;
    try {
      await connection.advance(kind, conversationId, seq);
    } catch (error) {
      // Refused for good: nothing that another try would mend.
      if (!(error instanceof CoupletError) || !REFUSED.has(error.code)) throw error;
      this.#options.report('receipts', error);
      return true;
    }
    this.#told.set(key, seq);
    // A read stays until the log shows it, so that the badge does not flicker
    // between the acknowledgement and its event.
    return kind === 'delivered';
  }

  /** All of them in one transaction. */
  async #forget(told: readonly Told[]): Promise<void> {
    if (told.length === 0) return;
    await this.#options.store.transaction(async (writer) => {
      for (const { kind, conversationId, seq } of told) {
        const before = await writer.getReceipts(conversationId);
        if (before === null) continue;
        const after: PendingReceipts = {
          conversationId,
          deliveredSeq: kind === 'delivered' && before.deliveredSeq <= seq ? 0 : before.deliveredSeq,
          readSeq: kind === 'read' && before.readSeq <= seq ? 0 : before.readSeq,
        };
        if (after.deliveredSeq === 0 && after.readSeq === 0) await writer.deleteReceipts(conversationId);
        else await writer.putReceipts(after);
      }
    });
  }

  async #hasMore(): Promise<boolean> {
    const rows = await this.#options.store.read((reader) => reader.listReceipts()).catch(() => []);
    return rows.some(
      ({ conversationId, deliveredSeq, readSeq }) =>
        readSeq > (this.#told.get(`read ${conversationId}`) ?? 0) ||
        deliveredSeq > Math.max(readSeq, this.#told.get(`delivered ${conversationId}`) ?? 0),
    );
  }
}

interface Told {
  kind: WatermarkKind;
  conversationId: ConversationId;
  seq: number;
}

const REFUSED: ReadonlySet<string> = new Set(['not_found', 'forbidden', 'blocked', 'validation_failed', 'conflict']);
/** Requests under way: as many as a browser has connections to one server, less those of sync and sends. */
const AT_ONCE = 4;
/** A burst of messages, or a fast scroll, becomes one frame; a tick 0.3 s later is not noticed. */
const COALESCE_MS = 300;
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 30_000 };
