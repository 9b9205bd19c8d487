import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { isBeingWatched } from '../../platform/app-lifecycle.ts';
import { useAppSelector } from '../../state/store.ts';
import { isAnnounced } from './banner-policy.ts';

export interface Arrival {
  message: Message;
  conversation: Conversation;
}

/** The last message that is worth a word here and now; `null` once it was opened, read or put away. */
export function useArrival(isElsewhere: boolean): { arrival: Arrival | null; putAway: () => void } {
  const messenger = useMessenger();
  const openId = useAppSelector((state) => state.ui.selectedConversationId);
  const [arrival, setArrival] = useState<Arrival | null>(null);
  const latest = useRef({ openId, isElsewhere });
  useEffect(() => {
    latest.current = { openId, isElsewhere };
  }, [openId, isElsewhere]);

  useEffect(() => {
    /** Of each conversation the last message that was shown: it may be told of again, by another tab or with a change. */
    const shown = new Map<ConversationId, number>();
    async function look(message: Message) {
      const conversation = await messenger.conversations.get(message.conversationId);
      if (conversation === null || !latest.current.isElsewhere || !isBeingWatched()) return;
      if (message.seq <= (shown.get(conversation.id) ?? 0) || !isAnnounced(message, conversation, { openId: latest.current.openId, now: Date.now() })) return;
      shown.set(conversation.id, message.seq);
      setArrival({ message, conversation });
    }
    return messenger.subscribe((event) => {
      if (event.type === 'messages-changed') {
        // What is caught up with is in the list, and no news.
        const connection = messenger.connection.state();
        const last = event.messages.at(-1);
        if (last !== undefined && connection.status === 'online' && connection.phase === 'live') look(last).catch(() => undefined);
      } else if (event.type === 'conversations-changed') {
        // Read elsewhere.
        setArrival((shownNow) => (shownNow && event.conversations.some(({ id, readSeq }) => id === shownNow.conversation.id && readSeq >= shownNow.message.seq) ? null : shownNow));
      } else if (event.type === 'session-changed') setArrival(null);
    });
  }, [messenger]);

  const isOver = arrival !== null && (!isElsewhere || openId === arrival.conversation.id);
  if (isOver) setArrival(null);
  return { arrival: isOver ? null : arrival, putAway: useCallback(() => setArrival(null), []) };
}
