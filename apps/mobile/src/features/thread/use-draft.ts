import type { ConversationId } from '@couplet/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { applyOwnChange } from '../../data/apply-event.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { subscribeToForeground } from '../../platform/app-lifecycle.ts';
import { keepBeforeReload } from '../../platform/app-update.ts';

export interface DraftField {
  conversationId: ConversationId;
  /** The draft as the device knows it: written here, in another tab, or on another device. */
  stored: string;
  text: string;
  /** Not while a message is being edited in the same field. */
  isWriting: boolean;
  /** Shows a draft that was written elsewhere. Keep its identity. */
  adopt: (text: string) => void;
}

/**
 * Keeps what is being written: written through while it is typed, and at once
 * when the thread is left or the app goes to the background. What was written
 * elsewhere shows here as long as nobody types here.
 */
export function useDraft({ conversationId, stored, text, isWriting, adopt }: DraftField): { save: (text: string) => void; forget: (sending: Promise<void>) => void } {
  const messenger = useMessenger();
  const queryClient = useQueryClient();
  const waiting = useRef<string | null>(null);
  /** What this field wrote or took over last. */
  const written = useRef(stored);
  const typedAt = useRef(0);
  /** Writes of this field that the device has not confirmed: until then `stored` may be older than what was written here. */
  const underWay = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const shown = useRef(text);
  useEffect(() => {
    shown.current = text;
  }, [text]);

  const count = useCallback(async (writing: Promise<unknown>) => {
    underWay.current += 1;
    // Refused or unreachable: the next keystroke writes again, and the device shows it meanwhile.
    await writing.catch(() => undefined);
    underWay.current -= 1;
  }, []);

  const flush = useCallback(async () => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    const next = waiting.current;
    waiting.current = null;
    if (next === null || next === written.current) return;
    written.current = next;
    applyOwnChange(queryClient, conversationId, { draft: next });
    await count(messenger.conversations.update(conversationId, { draft: next }));
  }, [messenger, queryClient, conversationId, count]);

  useEffect(() => {
    const unsubscribe = subscribeToForeground((isActive) => {
      if (!isActive) void flush();
    });
    const release = keepBeforeReload(flush);
    return () => {
      unsubscribe();
      release();
      void flush();
    };
  }, [flush]);

  useEffect(() => {
    if (!isWriting || stored === written.current) return;
    const restsInMs = () => typedAt.current + TYPING_RESTS_MS - Date.now();
    const take = () => {
      // An echo of what was written or sent here must not come back into the field: it would be sent twice.
      if (underWay.current > 0 || restsInMs() > 0) {
        taking = setTimeout(take, Math.max(restsInMs(), LOOK_AGAIN_MS));
        return;
      }
      // What is written here and not kept yet is the newer word; keeping it will say so to the others.
      if (waiting.current !== null || shown.current !== written.current) return;
      written.current = stored;
      adopt(stored);
    };
    let taking = setTimeout(take, restsInMs());
    return () => clearTimeout(taking);
  }, [stored, isWriting, adopt]);

  return {
    save: useCallback(
      (next) => {
        waiting.current = next;
        typedAt.current = Date.now();
        // From the first key that was not kept: who types without a pause is kept as well.
        timer.current ??= setTimeout(() => void flush(), WRITE_THROUGH_MS);
      },
      [flush],
    ),
    /** It is being sent, and sending clears it. */
    forget: useCallback(
      (sending) => {
        if (timer.current !== null) clearTimeout(timer.current);
        timer.current = null;
        waiting.current = null;
        written.current = '';
        void count(sending);
      },
      [count],
    ),
  };
}

/** Nothing older than this is lost when the app dies without a word. */
const WRITE_THROUGH_MS = 300;
/** Words must not change under fingers that only pause to think of the next one. */
const TYPING_RESTS_MS = 2_000;
/** The device confirms a write in milliseconds; a busy one may take seconds. */
const LOOK_AGAIN_MS = 200;
