import type { Conversation, ConversationId } from '@couplet/protocol';
import { memo } from 'react';
import { Pressable, View, type ViewStyle } from 'react-native';
import { contextMenuProps } from '../../platform/context-menu.ts';
import { isForBrowser, linkProps } from '../../platform/link-props.ts';
import { useTextScale } from '../../platform/text-scale.ts';
import { useAppSelector } from '../../state/store.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Badge } from '../../ui/badge.tsx';
import { formatListTime } from '../../ui/format-time.ts';
import { Icon } from '../../ui/icon.tsx';
import { madeStyles } from '../../ui/made-styles.ts';
import { anchorOf, type MenuAnchor } from '../../ui/menu.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles, useTheme } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { chatPreview } from './chat-preview.ts';
import { PreviewLine } from './preview-line.tsx';

/** Height of a row, in points, with text this much larger than drawn: its two lines and the room around them. */
export function chatRowHeight(textScale: number): number {
  return Math.round(46 * textScale) + 26;
}

export interface ChatRowProps {
  conversation: Conversation;
  isSelected: boolean;
  now: number;
  onOpen: (id: ConversationId) => void;
  /** The pointer is over it, or a finger is down on it: it will likely be opened. */
  onApproach: (conversation: Conversation) => void;
  /** A right click, the menu key or a long press. */
  onOpenMenu: (id: ConversationId, anchor: MenuAnchor) => void;
}

const NOTHING_PENDING: never[] = [];
const MENU_ACTIONS = [{ name: 'longpress', label: 'Chat actions' }];

export const ChatRow = memo(function ChatRow({ conversation, isSelected, now, onOpen, onApproach, onOpenMenu }: ChatRowProps) {
  const styles = useStyles();
  const { colors } = useTheme();
  const height = chatRowHeight(useTextScale());
  const { id, peer, unreadCount } = conversation;
  const viewerId = useAppSelector((state) => state.auth.viewer?.id);
  const pending = useAppSelector((state) => state.outbox[id]?.pending ?? NOTHING_PENDING);
  const isPeerTyping = useAppSelector((state) => state.presence.typing[id] !== undefined);
  const isOnline = useAppSelector((state) => state.presence.byUser[peer.id]?.status === 'online');
  if (!viewerId) return null;

  const preview = chatPreview({ conversation, viewerId, pending, isPeerTyping, isSelected });
  const isMuted = conversation.mutedUntil !== null && Date.parse(conversation.mutedUntil) > now;
  const unreadLabel = `${unreadCount} unread ${unreadCount === 1 ? 'message' : 'messages'}`;
  return (
    <Pressable
      role="link"
      aria-label={[peer.name, isOnline ? 'online' : null, unreadCount > 0 ? unreadLabel : null].filter(Boolean).join(', ')}
      aria-current={isSelected ? 'page' : undefined}
      {...linkProps(`/c/${id}`)}
      onPress={(event) => {
        if (!isForBrowser(event)) onOpen(id);
      }}
      onPressIn={() => onApproach(conversation)}
      onLongPress={(event) => onOpenMenu(id, anchorOf(event))}
      {...contextMenuProps((anchor) => onOpenMenu(id, anchor))}
      accessibilityActions={MENU_ACTIONS}
      onAccessibilityAction={() => onOpenMenu(id, { x: 0, y: 0 })}
      onHoverIn={() => onApproach(conversation)}
      testID={`chat-row-${peer.name}`}
      style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [
        styles.row,
        heightStyle(height),
        hovered ? styles.hovered : null,
        pressed ? styles.pressed : null,
        isSelected ? styles.selected : null,
      ]}
    >
      <Avatar userId={peer.id} name={peer.name} imageUrl={peer.avatarUrl} isOnline={isOnline} ring={isSelected ? colors.accentSoft : undefined} />
      <View style={styles.words}>
        <View style={styles.line}>
          <Text size="large" weight="600" numberOfLines={1} style={styles.name}>
            {peer.name}
          </Text>
          <Text size="small" weight={unreadCount > 0 ? '600' : '400'} color={unreadCount > 0 ? 'accent' : 'textSecondary'} style={styles.time}>
            {formatListTime(Date.parse(conversation.lastActivityAt), now)}
          </Text>
        </View>
        <View style={styles.line}>
          <PreviewLine preview={preview} isUnread={unreadCount > 0} />
          {isMuted ? <Icon name="bell-off" size={14} /> : null}
          {conversation.pinned && unreadCount === 0 ? <Icon name="bookmark" size={14} /> : null}
          <Badge count={unreadCount} muted={isMuted} label={unreadLabel} testID="unread-badge" />
        </View>
      </View>
    </Pressable>
  );
});

const heightStyle = madeStyles<number, ViewStyle>(String, (height) => ({ height }));

const useStyles = createStyles((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, paddingHorizontal: SPACE.l },
  hovered: { backgroundColor: colors.hover },
  pressed: { backgroundColor: colors.pressed },
  selected: { backgroundColor: colors.accentSoft },
  words: { flex: 1, minWidth: 0, gap: 2 },
  line: { flexDirection: 'row', alignItems: 'center', gap: SPACE.s, minHeight: 22 },
  name: { flex: 1, minWidth: 0 },
  time: { fontVariant: ['tabular-nums'] },
}));
