import type { Message, UserId } from '@couplet/protocol';
import * as Clipboard from 'expo-clipboard';
import { Pressable, View } from 'react-native';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { useTextScale } from '../../platform/text-scale.ts';
import { Menu, type MenuAnchor, type MenuOption } from '../../ui/menu.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { scaledType, SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import type { BubbleRow } from './thread-rows.ts';

export interface MessageMenuProps {
  row: BubbleRow;
  anchor: MenuAnchor;
  viewerId: UserId;
  onClose: () => void;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onDelete: (message: Message) => void;
  onReact: (message: Message, emoji: string) => void;
  onFailure: (error: unknown) => void;
}

const GLYPH_HEIGHT = 28;
const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** What can be done with one message; with one that could not be sent: try again, keep the words, or drop it. */
export function MessageMenu({ row, anchor, viewerId, onClose, onReply, onEdit, onDelete, onReact, onFailure }: MessageMenuProps) {
  const messenger = useMessenger();
  const styles = useStyles();
  const stripHeight = Math.max(TOUCH_TARGET, Math.ceil(GLYPH_HEIGHT * useTextScale()) + SPACE.s * 2);
  const text = row.type === 'message' ? row.message.text : row.pending.text;
  const copy: MenuOption = { label: 'Copy', icon: 'copy', testID: 'menu-copy', onPress: () => void Clipboard.setStringAsync(text ?? '').catch(onFailure) };

  if (row.type === 'pending') {
    const { clientMsgId, state } = row.pending;
    const discard: MenuOption = { label: 'Delete', icon: 'trash-2', danger: true, testID: 'menu-discard', onPress: () => void messenger.messages.discard(clientMsgId).catch(onFailure) };
    const retry: MenuOption = { label: 'Retry', icon: 'rotate-cw', testID: 'menu-retry', onPress: () => void messenger.messages.retry(clientMsgId).catch(onFailure) };
    return <Menu anchor={anchor} onClose={onClose} options={state.status === 'failed' ? [retry, copy, discard] : [copy, discard]} />;
  }

  const { message } = row;
  if (message.deletedAt) return null;
  const isMine = message.senderId === viewerId;
  const own = message.reactions.find((reaction) => reaction.userId === viewerId)?.emoji;
  const options: MenuOption[] = [{ label: 'Reply', icon: 'corner-up-left', testID: 'menu-reply', onPress: () => onReply(message) }, copy];
  if (isMine && message.type === 'text') options.push({ label: 'Edit', icon: 'edit-2', testID: 'menu-edit', onPress: () => onEdit(message) });
  if (isMine) options.push({ label: 'Delete', icon: 'trash-2', danger: true, testID: 'menu-delete', onPress: () => onDelete(message) });
  const strip = (
    <View style={styles.strip}>
      {QUICK_REACTIONS.map((emoji) => (
        <Pressable
          key={emoji}
          role="menuitem"
          aria-selected={own === emoji}
          aria-label={`React with ${emoji}`}
          testID={`react-${emoji}`}
          onPress={() => {
            onClose();
            onReact(message, emoji);
          }}
          style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.emoji, { height: stripHeight }, own === emoji ? styles.chosen : null, pressed || hovered ? styles.lit : null]}
        >
          <Text style={styles.glyph}>{emoji}</Text>
        </Pressable>
      ))}
    </View>
  );
  return <Menu anchor={anchor} onClose={onClose} options={options} header={{ height: stripHeight + SPACE.s, element: strip }} />;
}

const useStyles = createStyles((colors) => ({
  strip: { flexDirection: 'row', justifyContent: 'space-between', paddingHorizontal: SPACE.xs, marginBottom: SPACE.s },
  emoji: { flex: 1, borderRadius: 12, alignItems: 'center', justifyContent: 'center' },
  chosen: { backgroundColor: colors.accentSoft },
  lit: { backgroundColor: colors.hover },
  glyph: { ...scaledType(22, GLYPH_HEIGHT) },
}));
