import type { Conversation, Message } from '@couplet/protocol';
import { Modal, Pressable, View } from 'react-native';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format-size.ts';
import { formatMoment } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useDismissal } from '../../ui/use-dismissal.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

export interface MessageInfoProps {
  /** As it is now: its receipts come in while one looks. */
  message: Message;
  conversation: Conversation;
  onClose: () => void;
}

/** When a message was written, edited, delivered and read, and what came with it. */
export function MessageInfo({ message, conversation, onClose }: MessageInfoProps) {
  const styles = useStyles();
  const now = useNow(MINUTE_MS);
  useDismissal(onClose);
  const at = (time: string) => formatMoment(Date.parse(time), now);
  const lines: { label: string; value: string; testID?: string }[] = [{ label: 'Sent', value: at(message.createdAt) }];
  if (message.editedAt) lines.push({ label: 'Edited', value: at(message.editedAt) });
  if (message.senderId !== conversation.peer.id) {
    const isDelivered = message.seq <= conversation.peerDeliveredSeq;
    const isRead = message.seq <= conversation.peerReadSeq;
    // A device that was away learns how far the peer has read, and the times of what it then loads.
    lines.push({ label: 'Delivered', value: message.deliveredAt ? at(message.deliveredAt) : isDelivered ? 'Yes' : 'Not yet', testID: 'info-delivered' });
    lines.push({ label: 'Read', value: message.readAt ? at(message.readAt) : isRead ? 'Yes' : 'Not yet', testID: 'info-read' });
  }
  for (const { name, sizeBytes, width, height } of message.attachments) {
    lines.push({ label: name, value: [formatBytes(sizeBytes), width && height ? `${width} × ${height}` : null].filter(Boolean).join(', ') });
  }
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role="dialog" aria-label="About this message" aria-modal testID="message-info">
          <Text size="large" weight="600">
            About this message
          </Text>
          {lines.map(({ label, value, testID }) => (
            <View key={label} style={styles.line} testID={testID}>
              <Text color="textSecondary" numberOfLines={2} style={styles.label}>
                {label}
              </Text>
              <Text style={styles.value}>{value}</Text>
            </View>
          ))}
          <View style={styles.close}>
            <Button label="Close" kind="plain" onPress={onClose} testID="close-message-info" />
          </View>
        </View>
      </View>
    </Modal>
  );
}

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.xl, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 360, gap: SPACE.m, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
  line: { flexDirection: 'row', gap: SPACE.m },
  label: { flex: 1, minWidth: 0 },
  value: { flexShrink: 0, maxWidth: '65%' },
  close: { marginTop: SPACE.s },
}));
