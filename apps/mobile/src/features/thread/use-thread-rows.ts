import type { Conversation } from '@couplet/protocol';
import { useEffect, useMemo, useRef } from 'react';
import type { ChatThread } from '../../data/use-chat-thread.ts';
import { useAppSelector } from '../../state/store.ts';
import { buildThreadRows, reuseRows, type ThreadRow, type ThreadRowsInput } from './thread-rows.ts';

const NOTHING: never[] = [];

/** The rows of the thread; those that say the same as before are the same objects as before. */
export function useThreadRows(conversation: Conversation, thread: ChatThread, unread: ThreadRowsInput['unread']): readonly ThreadRow[] {
  const viewerId = useAppSelector((state) => state.auth.viewer?.id);
  const pending = useAppSelector((state) => state.outbox[conversation.id]?.pending ?? NOTHING);
  const composed = useAppSelector((state) => state.outbox[conversation.id]?.composed ?? NOTHING);
  const changes = useAppSelector((state) => state.outbox[conversation.id]?.changes ?? NOTHING);
  const isPeerTyping = useAppSelector((state) => state.presence.typing[conversation.id] !== undefined);
  const previous = useRef<readonly ThreadRow[]>([]);
  const { peerDeliveredSeq, peerReadSeq } = conversation;
  const { messages, reachesEnd } = thread;
  const rows = useMemo(() => {
    if (!viewerId) return NOTHING;
    return reuseRows(previous.current, buildThreadRows({ messages, pending, composed, changes, viewerId, peerDeliveredSeq, peerReadSeq, unread, isPeerTyping, reachesEnd }));
  }, [messages, pending, composed, changes, viewerId, peerDeliveredSeq, peerReadSeq, unread, isPeerTyping, reachesEnd]);
  useEffect(() => {
    previous.current = rows;
  }, [rows]);
  return rows;
}
