import { Redirect, Stack, usePathname } from 'expo-router';
import { ChatListPane } from '../../features/chat-list/chat-list-pane.tsx';
import { useAppSelector } from '../../state/store.ts';
import { useTheme } from '../../ui/theme.tsx';
import { TwoPane } from '../../ui/two-pane.tsx';

/** A thread opened by its address has the chats behind it: back leads there. */
export const unstable_settings = { initialRouteName: 'index' };

export default function AppLayout() {
  const pathname = usePathname();
  const { colors } = useTheme();
  const status = useAppSelector((state) => state.auth.status);
  if (status === 'signed-out') return <Redirect href={pathname === '/' ? '/sign-in' : { pathname: '/sign-in', params: { next: pathname } }} />;
  return (
    <TwoPane list={<ChatListPane />}>
      <Stack screenOptions={{ headerShown: false, contentStyle: { backgroundColor: colors.background } }} />
    </TwoPane>
  );
}
