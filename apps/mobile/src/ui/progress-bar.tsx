import { View } from 'react-native';
import { createStyles } from './theme.tsx';
import { RADIUS } from './tokens.ts';

/** How much of something is done or used, from 0 to 1. */
export function ProgressBar({ label, value, testID }: { label: string; value: number; testID?: string }) {
  const styles = useStyles();
  const percent = Math.round(Math.max(0, Math.min(value, 1)) * 100);
  return (
    <View style={styles.track} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} testID={testID}>
      <View style={[styles.filled, { width: `${percent}%` }]} />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  track: { height: 6, borderRadius: RADIUS.round, backgroundColor: colors.sunken, overflow: 'hidden' },
  filled: { height: 6, borderRadius: RADIUS.round, backgroundColor: colors.accentFill },
}));
