import type { Conversation, ConversationSettings } from '@couplet/protocol';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { Menu, type MenuAnchor, type MenuOption } from '../../ui/menu.tsx';

export interface ChatMenuProps {
  conversation: Conversation;
  anchor: MenuAnchor;
  onClose: () => void;
  onFailure: (error: unknown) => void;
}

/** A working day or a night. */
const MUTE_MS = 8 * 60 * 60_000;
/** Later than any phone lives. */
const FOR_EVER = '9999-12-31T23:59:59.000Z';

/** What can be done with a chat from the list: each is kept on the device at once and told to the server when it can be. */
export function ChatMenu({ conversation, anchor, onClose, onFailure }: ChatMenuProps) {
  const messenger = useMessenger();
  const { id, pinned, archived, mutedUntil, unreadCount, lastSeq } = conversation;
  const change = (settings: ConversationSettings) => () => void messenger.conversations.update(id, settings).catch(onFailure);
  const isMuted = mutedUntil !== null && Date.parse(mutedUntil) > Date.now();

  const options: MenuOption[] = [];
  if (unreadCount > 0) options.push({ label: 'Mark as read', icon: 'check-circle', testID: 'chat-mark-read', onPress: () => void messenger.messages.markRead(id, lastSeq).catch(onFailure) });
  if (!archived) options.push({ label: pinned ? 'Unpin' : 'Pin', icon: 'bookmark', testID: 'chat-pin', onPress: change({ pinned: !pinned }) });
  if (isMuted) options.push({ label: 'Unmute', icon: 'bell', testID: 'chat-unmute', onPress: change({ mutedUntil: null }) });
  else {
    options.push(
      { label: 'Mute for 8 hours', icon: 'bell-off', testID: 'chat-mute-8h', onPress: () => change({ mutedUntil: new Date(Date.now() + MUTE_MS).toISOString() })() },
      { label: 'Mute until I unmute', icon: 'bell-off', testID: 'chat-mute', onPress: change({ mutedUntil: FOR_EVER }) },
    );
  }
  // What is put away is not also on top.
  options.push({ label: archived ? 'Unarchive' : 'Archive', icon: 'archive', testID: 'chat-archive', onPress: change(archived ? { archived: false } : { archived: true, pinned: false }) });
  return <Menu anchor={anchor} options={options} onClose={onClose} />;
}
