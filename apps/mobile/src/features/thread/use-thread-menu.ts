import { useCallback, useState } from 'react';
import type { MenuAnchor } from '../../ui/menu.tsx';
import type { BubbleRow } from './thread-rows.ts';

/** The message whose menu is open, and where. */
export function useThreadMenu() {
  const [opened, setOpened] = useState<{ row: BubbleRow; anchor: MenuAnchor } | null>(null);
  const open = useCallback((row: BubbleRow, anchor: MenuAnchor) => {
    // A tombstone offers nothing, unless something about it went wrong.
    if (row.type === 'message' ? row.message.deletedAt && row.failure === null : row.pending.isDeleted) return;
    setOpened({ row, anchor });
  }, []);
  const close = useCallback(() => setOpened(null), []);
  return { opened, open, close };
}
