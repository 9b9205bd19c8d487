import { View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS } from './tokens.ts';

/** Counts past this tell nothing more and only take room. */
const LARGEST_SHOWN = 999;

export function Badge({ count, muted = false, label, testID }: { count: number; muted?: boolean; label: string; testID?: string }) {
  const styles = useStyles();
  if (count <= 0) return null;
  return (
    <View style={[styles.badge, muted ? styles.muted : null]} aria-label={label} role="img" testID={testID}>
      <Text size="caption" weight="600" color="badgeText" style={styles.count}>
        {count > LARGEST_SHOWN ? `${LARGEST_SHOWN}+` : String(count)}
      </Text>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  badge: { minWidth: 22, minHeight: 22, paddingHorizontal: 6, borderRadius: RADIUS.round, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.badge },
  muted: { backgroundColor: colors.badgeMuted },
  count: { fontVariant: ['tabular-nums'] },
}));
