import type { ConversationId, UserId } from '@couplet/protocol';
import { usePathname, useRouter } from 'expo-router';
import { useCallback } from 'react';
import { useCoordinator } from '../messenger/messenger-provider.tsx';
import { useIsTwoPane } from '../ui/two-pane.tsx';

/** Tells two wishes for the same message apart: the second one scrolls there again. */
let asked = 0;

/** Leads to a conversation, or to one message of it. Beside the list the former one is replaced; on a phone it is stacked. */
export function useOpenConversation(): (id: ConversationId, seq?: number) => void {
  const router = useRouter();
  const isTwoPane = useIsTwoPane();
  const isAtHome = usePathname() === '/';
  return useCallback(
    (id, seq) => {
      if (seq !== undefined) asked += 1;
      const href = { pathname: '/c/[id]', params: seq === undefined ? { id } : { id, at: String(seq), asked: String(asked) } } as const;
      if (isTwoPane && !isAtHome) router.replace(href);
      else router.push(href);
    },
    [router, isTwoPane, isAtHome],
  );
}

/** Begins or finds the conversation with a person, and leads there. */
export function useOpenPerson(): (id: UserId) => Promise<void> {
  const coordinator = useCoordinator();
  const open = useOpenConversation();
  return useCallback(
    async (id) => {
      const conversation = await coordinator.openWith(id);
      open(conversation.id);
    },
    [coordinator, open],
  );
}
