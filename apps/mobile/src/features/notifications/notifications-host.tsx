import type { ConversationId } from '@couplet/protocol';
import { useRouter } from 'expo-router';
import { useEffect } from 'react';
import { notifications } from '../../platform/notifications.ts';
import { useAppDispatch } from '../../state/store.ts';
import { conversationSelected } from '../../state/ui-slice.ts';

/** Leads from a chosen notification to its conversation. */
export function NotificationsHost() {
  const router = useRouter();
  const dispatch = useAppDispatch();
  useEffect(
    () =>
      notifications.subscribeToChosen((conversationId) => {
        dispatch(conversationSelected(conversationId as ConversationId));
        router.navigate({ pathname: '/c/[id]', params: { id: conversationId } });
      }),
    [router, dispatch],
  );
  return null;
}
