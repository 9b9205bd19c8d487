import { Redirect, Stack, usePathname } from 'expo-router';
import { useEffect, useState } from 'react';
import { ChatListPane } from '../../features/chat-list/chat-list-pane.tsx';
import { OpenedMedia } from '../../features/media/opened-media.tsx';
import { NotificationsHost } from '../../features/notifications/notifications-host.tsx';
import { loadScreens, type ScreensToLoad } from '../../messenger/load-screens.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { clock } from '../../messenger/ports.ts';
import { useAppSelector } from '../../state/store.ts';
import { useTheme } from '../../ui/theme.tsx';
import { TwoPane } from '../../ui/two-pane.tsx';

/** A thread opened by its address has the chats behind it: back leads there. */
export const unstable_settings = { initialRouteName: 'index' };

export default function AppLayout() {
  const { colors } = useTheme();
  const status = useAppSelector((state) => state.auth.status);
  const messenger = useMessenger();
  useEffect(() => loadScreens(messenger, clock, SCREENS), [messenger]);
  if (status === 'signed-out') return <ToSignIn />;
  return (
    <TwoPane list={<ChatListPane />}>
      <Stack screenOptions={{ headerShown: false, contentStyle: { backgroundColor: colors.background } }} />
      <OpenedMedia />
      <NotificationsHost />
    </TwoPane>
  );
}

/** Leads to sign-in, and from there to the address that was asked for. */
function ToSignIn() {
  const pathname = usePathname();
  // As asked for: with no stack below, the router falls back to the first route in the next render.
  const [asked] = useState(pathname);
  const leftByChoice = useAppSelector((state) => state.auth.endedBy === 'logout');
  return <Redirect href={asked === '/' || leftByChoice ? '/sign-in' : { pathname: '/sign-in', params: { next: asked } }} />;
}

/** Those that were split off the first load. */
const SCREENS: ScreensToLoad = {
  next: () => import('./c/[id].tsx'),
  others: [
    () => import('./c/[id]/media.tsx'),
    () => import('../../features/media/media-viewer-host.tsx'),
    () => import('./people.tsx'),
    () => import('./settings.tsx'),
    () => import('./u/[id].tsx'),
  ],
};
