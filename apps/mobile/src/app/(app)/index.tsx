import { ChatListScreen } from '../../features/chat-list/chat-list-screen.tsx';
import { NothingSelected } from '../../features/chat-list/nothing-selected.tsx';
import { useIsTwoPane } from '../../ui/two-pane.tsx';

export default function ChatsRoute() {
  return useIsTwoPane() ? <NothingSelected /> : <ChatListScreen />;
}
