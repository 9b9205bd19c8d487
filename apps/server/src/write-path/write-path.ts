import type { ConversationId } from '@couplet/protocol';
import type pg from 'pg';
import type { Answers } from '../database/answer-watch.ts';
import { Batcher, type Outcome } from './batcher.ts';
import { commitApart } from './commit-apart.ts';
import { commitReceipts, type ReceiptRequest, type StoredReceipt } from './commit-receipts.ts';
import { commitSends } from './commit-sends.ts';
import type { SendRequest, StoredSend } from './sends.ts';
import { WriteConnection } from './write-connection.ts';

export interface WritePathOptions {
  connection: pg.ClientConfig;
  /** Told while a transaction waits for PostgreSQL. */
  answers?: Answers;
  now: () => number;
  /** How long a device has to acknowledge a message before the others are woken. */
  pushGraceSeconds: number;
  /**
   * Called once per committed batch, before its callers learn the outcome, with
   * what was newly stored, in commit order: this is where fan-out happens.
   */
  onSendsCommitted: (stored: readonly StoredSend[]) => void;
  onReceiptsCommitted: (stored: readonly StoredReceipt[]) => void;
  /** A batch failed as a whole: its requests were answered `unavailable`. */
  onBatchFailed: (kind: 'sends' | 'receipts', requests: readonly (SendRequest | ReceiptRequest)[], error: unknown) => void;
  onBatch: (kind: 'sends' | 'receipts', size: number, seconds: number) => void;
}

/** The only way in which messages and receipts are stored, from whatever edge they come. */
export class WritePath {
  readonly receipts: Batcher<ReceiptRequest, StoredReceipt>;
  readonly #sendLanes: readonly Batcher<SendRequest, StoredSend>[];
  readonly #connections: readonly WriteConnection[];

  constructor(options: WritePathOptions) {
    const receiptConnection = new WriteConnection(options.connection, options.answers);
    const sendConnections = Array.from({ length: SEND_LANES }, () => new WriteConnection(options.connection, options.answers));
    this.#connections = [receiptConnection, ...sendConnections];
    const { now } = options;
    this.#sendLanes = sendConnections.map(
      (connection) =>
        new Batcher(
          measured('sends', options, async (requests) => {
            const outcomes = await commitApart(requests, (part) => commitSends(connection, part, options));
            options.onSendsCommitted(results(outcomes).filter((stored) => !stored.duplicate));
            return outcomes;
          }),
          BATCHES,
        ),
    );
    this.receipts = new Batcher(
      measured('receipts', options, async (requests) => {
        const outcomes = await commitApart(requests, (part) => commitReceipts(receiptConnection, part, now));
        options.onReceiptsCommitted(results(outcomes).filter((stored) => stored.events.length > 0));
        return outcomes;
      }),
      BATCHES,
    );
  }

  /** Stores a message. Sends of one conversation are stored in the order of the calls. */
  send(request: SendRequest): Promise<StoredSend> {
    const lane = this.#sendLanes[laneOf(request.conversationId)];
    if (!lane) throw new Error('Every conversation has a lane');
    return lane.submit(request);
  }

  /** Finishes what was submitted, then closes the connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#sendLanes.map((lane) => lane.close()), this.receipts.close()]);
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

/**
 * Batches of sends under way at once: while PostgreSQL works on one, this process
 * works on the other. A conversation always takes the same lane, so its order is
 * the order of arrival; a person's log may be in both, and its row lock orders them.
 */
const SEND_LANES = 2;

/** The last digit of a UUIDv7 is random. */
function laneOf(conversationId: ConversationId): number {
  return parseInt(conversationId.slice(-1), 16) % SEND_LANES;
}

/** 200 sends commit in about 8 ms; 20,000 waiting are two seconds of full load, about 20 MB. */
const BATCHES = { maxBatch: 200, maxWaiting: 20_000 };

function measured<Request extends SendRequest | ReceiptRequest, Result>(
  kind: 'sends' | 'receipts',
  options: WritePathOptions,
  commit: (requests: readonly Request[]) => Promise<readonly Outcome<Result>[]>,
) {
  return async (requests: readonly Request[]) => {
    const startedAt = performance.now();
    try {
      const outcomes = await commit(requests);
      options.onBatch(kind, requests.length, (performance.now() - startedAt) / 1000);
      return outcomes;
    } catch (error) {
      options.onBatchFailed(kind, requests, error);
      throw error;
    }
  };
}

function results<Result>(outcomes: readonly Outcome<Result>[]): Result[] {
  return outcomes.flatMap((outcome) => (outcome.status === 'done' ? [outcome.result] : []));
}
