import { View } from 'react-native';
import { formatDay } from '../../ui/format-time.ts';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';
import { TypingDots } from './typing-dots.tsx';

export function DayMark({ at }: { at: number }) {
  const styles = useStyles();
  const now = useNow(MINUTE_MS);
  return (
    <View style={styles.day}>
      <View style={styles.chip} role="heading" aria-level={2}>
        <Text size="caption" weight="500" color="textSecondary">
          {formatDay(at, now)}
        </Text>
      </View>
    </View>
  );
}

export function UnreadMark({ count }: { count: number }) {
  const styles = useStyles();
  return (
    <View style={styles.unread} role="separator" testID="unread-divider">
      <View style={styles.rule} />
      <Text size="small" weight="600" color="accent">
        {count === 1 ? '1 unread message' : `${count} unread messages`}
      </Text>
      <View style={styles.rule} />
    </View>
  );
}

export function TypingMark() {
  const styles = useStyles();
  return (
    <View style={styles.typing} role="status" aria-label="typing">
      <TypingDots />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  day: { alignItems: 'center', paddingVertical: SPACE.m },
  chip: { paddingHorizontal: SPACE.m, paddingVertical: 4, borderRadius: RADIUS.round, backgroundColor: colors.sunken },
  unread: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, paddingVertical: SPACE.m },
  rule: { flex: 1, height: 1, backgroundColor: colors.accent, opacity: 0.35 },
  typing: { alignSelf: 'flex-start', marginTop: SPACE.s, paddingHorizontal: 14, paddingVertical: 12, borderRadius: RADIUS.l, backgroundColor: colors.bubblePeer },
}));
