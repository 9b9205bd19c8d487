import type { Attachment, Message } from '@couplet/protocol';

export interface SharedEntry {
  attachment: Attachment;
  message: Message;
}

/** `month` is its first day, in the reader's time. */
export type SharedRow = { type: 'month'; key: string; at: number } | { type: 'media'; key: string; entries: SharedEntry[] } | { type: 'file'; key: string; entry: SharedEntry };

/** Pictures and videos in rows of `columns` under their months; messages come newest first. */
export function mediaRows(messages: readonly Message[], columns: number): SharedRow[] {
  return underMonths(messages, 'media', (entries) =>
    Array.from({ length: Math.ceil(entries.length / columns) }, (_, index) => {
      const row = entries.slice(index * columns, (index + 1) * columns);
      return { type: 'media', key: row[0]?.attachment.id ?? '', entries: row };
    }),
  );
}

/** Files one under the other, under their months. */
export function fileRows(messages: readonly Message[]): SharedRow[] {
  return underMonths(messages, 'files', (entries) => entries.map((entry) => ({ type: 'file', key: entry.attachment.id, entry })));
}

function underMonths(messages: readonly Message[], kind: 'media' | 'files', rowsOf: (entries: SharedEntry[]) => SharedRow[]): SharedRow[] {
  const months = new Map<number, SharedEntry[]>();
  for (const message of messages) {
    const sent = new Date(message.createdAt);
    const month = new Date(sent.getFullYear(), sent.getMonth()).getTime();
    const entries = months.get(month) ?? [];
    // Within a message as they stand in its bubble.
    for (const attachment of message.attachments) if ((attachment.type === 'file') === (kind === 'files')) entries.push({ attachment, message });
    months.set(month, entries);
  }
  return [...months].flatMap(([at, entries]) => (entries.length === 0 ? [] : [{ type: 'month' as const, key: `month-${at}`, at }, ...rowsOf(entries)]));
}
