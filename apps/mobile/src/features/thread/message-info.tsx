import type { Conversation, Message } from '@couplet/protocol';
import { StyleSheet, View } from 'react-native';
import { Button } from '../../ui/button.tsx';
import { DialogCard } from '../../ui/dialog-card.tsx';
import { formatBytes } from '../../ui/format-size.ts';
import { formatMoment } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

export interface MessageInfoProps {
  /** As it is now: its receipts come in while one looks. */
  message: Message;
  conversation: Conversation;
  onClose: () => void;
}

/** When a message was written, edited, delivered and read, and what came with it. */
export function MessageInfo({ message, conversation, onClose }: MessageInfoProps) {
  const now = useNow(MINUTE_MS);
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
    <DialogCard title="About this message" role="dialog" onClose={onClose} testID="message-info">
      {lines.map(({ label, value, testID }, index) => (
        <View key={index} style={styles.line} testID={testID}>
          <Text color="textSecondary" numberOfLines={2} style={styles.label}>
            {label}
          </Text>
          <Text style={styles.value}>{value}</Text>
        </View>
      ))}
      <View style={styles.close}>
        <Button label="Close" kind="plain" onPress={onClose} testID="close-message-info" />
      </View>
    </DialogCard>
  );
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', gap: SPACE.m, marginTop: SPACE.xs },
  label: { flex: 1, minWidth: 0 },
  value: { flexShrink: 0, maxWidth: '65%' },
  close: { marginTop: SPACE.m },
});
