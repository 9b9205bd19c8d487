import { View } from 'react-native';
import { useFileActions } from '../../data/use-file-actions.ts';
import { FileCard } from '../../ui/file-card.tsx';
import { formatMoment } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';
import type { SharedEntry } from './shared-rows.ts';

/** A file that was shared, and when. */
export function SharedFile({ entry }: { entry: SharedEntry }) {
  const styles = useStyles();
  const now = useNow(MINUTE_MS);
  const { attachment, message } = entry;
  const { state, press } = useFileActions(attachment);
  const { id, name, mime, sizeBytes } = attachment;
  return (
    <View style={styles.row}>
      <View style={styles.card}>
        <FileCard name={name} mime={mime} sizeBytes={sizeBytes} isMine={false} download={state} onPress={press} testID={`shared-${id}`} />
      </View>
      <Text size="caption" color="textSecondary">
        {formatMoment(Date.parse(message.createdAt), now)}
      </Text>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, padding: SPACE.m, borderRadius: RADIUS.m, backgroundColor: colors.surface },
  card: { flex: 1, minWidth: 0 },
}));
