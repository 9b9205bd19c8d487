import type { ConversationId } from '@couplet/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { applyOwnChange } from '../../data/apply-event.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { subscribeToForeground } from '../../platform/app-lifecycle.ts';

/** Nothing older than this is lost when the app dies without a word. */
const WRITE_THROUGH_MS = 300;

/**
 * Keeps what is being written: written through while typing pauses, and at once
 * when the thread is left or the app goes to the background.
 */
export function useDraft(conversationId: ConversationId, stored: string): { save: (text: string) => void; drop: () => void } {
  const messenger = useMessenger();
  const queryClient = useQueryClient();
  const waiting = useRef<string | null>(null);
  const written = useRef(stored);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const text = waiting.current;
    waiting.current = null;
    if (text === null || text === written.current) return;
    written.current = text;
    applyOwnChange(queryClient, conversationId, { draft: text });
    // Refused or unreachable: the next keystroke writes again, and the device shows it meanwhile.
    messenger.conversations.update(conversationId, { draft: text }).catch(() => undefined);
  }, [messenger, queryClient, conversationId]);

  useEffect(() => {
    const unsubscribe = subscribeToForeground((isActive) => {
      if (!isActive) flush();
    });
    return () => {
      unsubscribe();
      flush();
    };
  }, [flush]);

  return {
    save: useCallback(
      (text) => {
        waiting.current = text;
        clearTimeout(timer.current);
        timer.current = setTimeout(flush, WRITE_THROUGH_MS);
      },
      [flush],
    ),
    drop: useCallback(() => {
      waiting.current = '';
      flush();
    }, [flush]),
  };
}
