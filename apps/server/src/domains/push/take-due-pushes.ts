import type pg from 'pg';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import { unmarkWithoutDevices } from './devices-repository.ts';
import type { PushProviders } from './push-provider.ts';
import { type DueRow, takeDue } from './pushes-repository.ts';
import type { PushWork } from './send-push.ts';

export interface TakeDueNeeds {
  pool: pg.Pool;
  now: () => number;
  providers: PushProviders;
  metrics: Pick<Metrics, 'pushDecided' | 'pushesAcknowledged'>;
  enqueue(tx: Transaction, pushes: readonly PushWork[]): Promise<void>;
}

/** Taken in one transaction: enough to be quick after an outage, few enough that it stays short. */
const TAKEN_AT_ONCE = 500;

/**
 * Decides what has come due: a message that a device has acknowledged meanwhile
 * needs no push, any other one goes to every device. What is taken out and what is
 * enqueued for it are one transaction, so nothing is lost or doubled between them,
 * whichever node does it.
 *
 * @returns how many were enqueued, and whether more may be due
 */
export async function takeDuePushes(needs: TakeDueNeeds): Promise<{ enqueued: number; isMore: boolean }> {
  const { providers, metrics } = needs;
  const now = needs.now();
  const { rows, pushes } = await inTransaction(needs.pool, async (tx) => {
    const taken = await takeDue(tx, TAKEN_AT_ONCE);
    const wanted = taken.flatMap((row) => pushFor(row, providers, now) ?? []);
    await needs.enqueue(tx, wanted);
    return { rows: taken, pushes: wanted };
  });
  for (const row of rows) if (row.kind === 'message') metrics.pushDecided(decisionOn(row, providers));
  metrics.pushesAcknowledged(new Set(rows.flatMap((row) => (row.kind === 'acknowledged' ? [`${row.user_id} ${row.conversation_id} ${row.seq}`] : []))).size);
  const withoutDevice = new Set(rows.flatMap((row) => (row.device_id === null ? [row.user_id] : [])));
  for (const userId of withoutDevice) await inTransaction(needs.pool, (tx) => unmarkWithoutDevices(tx, userId));
  return { enqueued: pushes.length, isMore: rows.length >= TAKEN_AT_ONCE };
}

function pushFor(row: DueRow, providers: PushProviders, dueAt: number): PushWork | null {
  const { kind, device_id: deviceId, user_id: userId, conversation_id: conversationId, seq } = row;
  if (kind === 'acknowledged' || deviceId === null || decisionOn(row, providers) !== 'sent') return null;
  return { kind, deviceId, userId, conversationId, seq, tries: 0, dueAt };
}

/** Why what came due is pushed to a device, or is not. */
type PushDecision = 'sent' | 'acknowledged' | 'silenced' | 'no-device' | 'not-configured';

function decisionOn(row: DueRow, providers: PushProviders): PushDecision {
  if (row.device_id === null || row.platform === null) return 'no-device';
  if (providers[row.platform] === undefined) return 'not-configured';
  if (row.kind === 'read') return 'sent';
  if (row.acknowledged || row.read) return 'acknowledged';
  return row.silenced ? 'silenced' : 'sent';
}
