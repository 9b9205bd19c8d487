import { StyleSheet, View } from 'react-native';
import { useTextScale } from '../../platform/text-scale.ts';
import { Text } from '../../ui/text.tsx';
import { Ticks } from '../../ui/ticks.tsx';
import type { ChatPreview } from './chat-preview.ts';

export function PreviewLine({ preview, isUnread }: { preview: ChatPreview; isUnread: boolean }) {
  const scale = useTextScale();
  switch (preview.type) {
    case 'typing':
      return (
        <Text color="accent" numberOfLines={1} style={styles.fill} testID="row-typing">
          typing…
        </Text>
      );
    case 'draft':
      return (
        <Text color="textSecondary" numberOfLines={1} style={styles.fill}>
          <Text color="danger">Draft: </Text>
          {preview.text}
        </Text>
      );
    case 'said':
      return (
        <View style={[styles.fill, styles.row]}>
          {preview.tick ? <Ticks tick={preview.tick} ground="surface" size={TICK_SIZE * scale} /> : null}
          <Text color={isUnread ? 'text' : 'textSecondary'} numberOfLines={1} style={[styles.fill, preview.isFaint ? styles.faint : null]}>
            {preview.text}
          </Text>
        </View>
      );
    case 'nothing':
      return (
        <Text color="textSecondary" numberOfLines={1} style={[styles.fill, styles.faint]}>
          Say hello
        </Text>
      );
  }
}

const TICK_SIZE = 16;
const styles = StyleSheet.create({
  fill: { flex: 1, minWidth: 0 },
  row: { flexDirection: 'row', alignItems: 'center', gap: 4 },
  faint: { fontStyle: 'italic' },
});
