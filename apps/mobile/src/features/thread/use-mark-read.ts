import type { Conversation } from '@couplet/protocol';
import { useCallback, useEffect, useRef } from 'react';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { isBeingWatched, subscribeToWatching } from '../../platform/app-lifecycle.ts';
import type { ThreadRow } from './thread-rows.ts';

/**
 * Says what the viewer has read: what was in view while the app was looked at.
 * The returned function takes the key of the last row in view.
 */
export function useMarkRead(conversation: Conversation, rows: readonly ThreadRow[]): (lastVisibleKey: string) => void {
  const messenger = useMessenger();
  const lastVisible = useRef<string | null>(null);
  const told = useRef(0);
  const latest = useRef({ rows, conversation });

  const tell = useCallback(() => {
    const { rows: current, conversation: known } = latest.current;
    if (lastVisible.current === null || !isBeingWatched()) return;
    const seq = seqAt(current, lastVisible.current);
    if (seq <= Math.max(told.current, known.readSeq)) return;
    told.current = seq;
    // Coalesced and tried again by the messenger; if it cannot even be noted, the next row in view says it.
    messenger.messages.markRead(known.id, seq).catch(() => {
      told.current = 0;
    });
  }, [messenger]);

  useEffect(() => {
    latest.current = { rows, conversation };
    tell();
  }, [rows, conversation, tell]);
  useEffect(() => subscribeToWatching(tell), [tell]);

  return useCallback(
    (lastVisibleKey) => {
      lastVisible.current = lastVisibleKey;
      tell();
    },
    [tell],
  );
}

/** Seq of the stored message at the row, or of the nearest one before it. */
function seqAt(rows: readonly ThreadRow[], key: string): number {
  for (let index = rows.findIndex((row) => row.key === key); index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.type === 'message') return row.message.seq;
  }
  return 0;
}
