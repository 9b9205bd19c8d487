import type { ConversationId } from '@couplet/protocol';
import { useRouter } from 'expo-router';
import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react';
import { notifications } from '../../platform/notifications.ts';
import { useAppDispatch } from '../../state/store.ts';
import { conversationSelected } from '../../state/ui-slice.ts';

/** Split off the first load: nothing arrives before the first screen stands. Where it cannot be loaded the badges tell. */
const MessageBanner = lazy<ComponentType>(() =>
  import('./message-banner.tsx').then(
    (loaded) => ({ default: loaded.MessageBanner }),
    () => ({ default: () => null }),
  ),
);
/** After the first screen, and what it needs. */
const QUIET_MS = 1_000;

/** Leads from a chosen notification to its conversation, and tells of messages while the app is looked at. */
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
  const [hasBanner, setHasBanner] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setHasBanner(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!hasBanner) return null;
  return (
    <Suspense fallback={null}>
      <MessageBanner />
    </Suspense>
  );
}
