import { plainArray } from './array-literals.ts';
import type { StoredSend } from './sends.ts';
import type { LockedLogs } from './locked-logs.ts';
import type { Statement } from './write-transaction.ts';

/**
 * Has what was stored looked at again when its grace time is over, by the clock of
 * PostgreSQL: those of two nodes may differ by more. Nothing for receivers without
 * a device, so that they cost nothing.
 */
export function duePushStatements(stored: readonly StoredSend[], logs: LockedLogs, graceSeconds: number): Statement[] {
  const due = stored.filter((message) => logs.hasDevices(message.receiverId));
  if (due.length === 0) return [];
  return [
    {
      name: 'insert-due-pushes',
      text: `INSERT INTO due_pushes (due_at, user_id, conversation_id, seq, kind)
             SELECT clock_timestamp() + $4::interval, user_id, conversation_id, seq, 'message'
             FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS d(user_id, conversation_id, seq)`,
      values: [
        plainArray(due.map((message) => message.receiverId)),
        plainArray(due.map((message) => message.conversationId)),
        plainArray(due.map((message) => message.seq)),
        `${graceSeconds} s`,
      ],
    },
  ];
}
