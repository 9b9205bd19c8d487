import type { UserId } from '@couplet/protocol';
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
  metrics: Pick<Metrics, 'pushDecided'>;
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
  const now = needs.now();
  const { decided, pushes } = await inTransaction(needs.pool, async (tx) => {
    const rows = await takeDue(tx, TAKEN_AT_ONCE);
    const wanted = rows.flatMap((row): PushWork[] =>
      decisionOn(row, needs.providers) === 'sent' && row.device_id !== null
        ? [{ kind: row.kind, deviceId: row.device_id, userId: row.user_id, conversationId: row.conversation_id, seq: row.seq, tries: 0, dueAt: now }]
        : [],
    );
    await needs.enqueue(tx, wanted);
    return { decided: rows, pushes: wanted };
  });
  const withoutDevice = new Set<UserId>();
  for (const row of decided) {
    if (row.kind === 'message') needs.metrics.pushDecided(decisionOn(row, needs.providers));
    if (row.device_id === null) withoutDevice.add(row.user_id);
  }
  for (const userId of withoutDevice) await inTransaction(needs.pool, (tx) => unmarkWithoutDevices(tx, userId));
  return { enqueued: pushes.length, isMore: decided.length >= TAKEN_AT_ONCE };
}

/** Why a message that came due is pushed to a device, or is not. */
export type PushDecision = 'sent' | 'acknowledged' | 'silenced' | 'no-device' | 'not-configured';

function decisionOn(row: DueRow, providers: PushProviders): PushDecision {
  if (row.device_id === null || row.platform === null) return 'no-device';
  if (providers[row.platform] === undefined) return 'not-configured';
  if (row.kind === 'read') return 'sent';
  if (row.acknowledged || row.read) return 'acknowledged';
  return row.silenced ? 'silenced' : 'sent';
}
