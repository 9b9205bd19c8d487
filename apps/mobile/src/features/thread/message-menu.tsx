import type { PendingChange } from '@couplet/client';
import type { ClientMsgId, Message, MessageId, UserId } from '@couplet/protocol';
import * as Clipboard from 'expo-clipboard';
import { Pressable, View } from 'react-native';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { useTextScale } from '../../platform/text-scale.ts';
import { Menu, type MenuAnchor, type MenuOption } from '../../ui/menu.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { scaledType, SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import type { BubbleRow } from './thread-rows.ts';

/** A message of one's own, by its id, or by its clientMsgId while it is in the outbox. */
export interface Editable {
  id: MessageId | ClientMsgId;
  text?: string;
}

export interface MessageMenuProps {
  row: BubbleRow;
  anchor: MenuAnchor;
  viewerId: UserId;
  onClose: () => void;
  onReply: (message: Message) => void;
  onEdit: (message: Editable) => void;
  onDelete: (message: Message) => void;
  onForward: (message: Message) => void;
  onInfo: (message: Message) => void;
  onReact: (message: Message, emoji: string) => void;
  onFailure: (error: unknown) => void;
}

const GLYPH_HEIGHT = 28;
const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** What can be done with one message; with one that could not be sent or changed: try again, keep the words, or drop it. */
export function MessageMenu({ row, anchor, viewerId, onClose, onReply, onEdit, onDelete, onForward, onInfo, onReact, onFailure }: MessageMenuProps) {
  const messenger = useMessenger();
  const styles = useStyles();
  const stripHeight = Math.max(TOUCH_TARGET, Math.ceil(GLYPH_HEIGHT * useTextScale()) + SPACE.s * 2);
  const text = wordsOf(row);
  const copy: MenuOption = { label: 'Copy', icon: 'copy', testID: 'menu-copy', onPress: () => void Clipboard.setStringAsync(text).catch(onFailure) };

  if (row.type === 'pending') {
    const { clientMsgId: id, state } = row.pending;
    const edit: MenuOption = { label: 'Edit', icon: 'edit-2', testID: 'menu-edit', onPress: () => onEdit({ id, text }) };
    // Not only taken out: by now it may be stored.
    const remove: MenuOption = { label: 'Delete', icon: 'trash-2', danger: true, testID: 'menu-discard', onPress: () => void messenger.messages.delete(id).catch(onFailure) };
    return <Menu anchor={anchor} onClose={onClose} options={state.status === 'failed' ? [retryOf(id), copy, edit, remove] : [copy, edit, remove]} />;
  }

  const { message, failure } = row;
  const options: MenuOption[] = failure === null ? [] : [retryOf(failure.id), discardOf(failure)];
  if (message.deletedAt) {
    if (failure?.type === 'edit') options.push(copy);
    return options.length === 0 ? null : <Menu anchor={anchor} onClose={onClose} options={options} />;
  }
  const isMine = message.senderId === viewerId;
  const own = message.reactions.find((reaction) => reaction.userId === viewerId)?.emoji;
  options.push({ label: 'Reply', icon: 'corner-up-left', testID: 'menu-reply', onPress: () => onReply(message) }, copy);
  if (message.type !== 'system') options.push({ label: 'Forward', icon: 'corner-up-right', testID: 'menu-forward', onPress: () => onForward(message) });
  if (isMine && message.type === 'text') options.push({ label: 'Edit', icon: 'edit-2', testID: 'menu-edit', onPress: () => onEdit(message) });
  options.push({ label: 'Info', icon: 'info', testID: 'menu-info', onPress: () => onInfo(message) });
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

  function retryOf(id: string): MenuOption {
    return { label: 'Retry', icon: 'rotate-cw', testID: 'menu-retry', onPress: () => void messenger.messages.retry(id).catch(onFailure) };
  }

  function discardOf({ id, type }: PendingChange): MenuOption {
    return { label: DISCARD[type], icon: 'rotate-ccw', testID: 'menu-discard', onPress: () => void messenger.messages.discard(id).catch(onFailure) };
  }
}

/** The message is then as the server has it. */
const DISCARD: Record<PendingChange['type'], string> = { edit: 'Discard edit', delete: 'Keep message', reaction: 'Discard reaction' };

/** Of a message whose edit was refused the words of the edit, though it may be deleted by now. */
function wordsOf(row: BubbleRow): string {
  if (row.type === 'pending') return row.pending.text;
  return (row.failure?.type === 'edit' ? row.failure.text : row.message.text) ?? '';
}

const useStyles = createStyles((colors) => ({
  strip: { flexDirection: 'row', justifyContent: 'space-between', paddingHorizontal: SPACE.xs, marginBottom: SPACE.s },
  emoji: { flex: 1, borderRadius: 12, alignItems: 'center', justifyContent: 'center' },
  chosen: { backgroundColor: colors.accentSoft },
  lit: { backgroundColor: colors.hover },
  glyph: { ...scaledType(22, GLYPH_HEIGHT) },
}));
