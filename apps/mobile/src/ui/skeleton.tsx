import { View } from 'react-native';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE } from './tokens.ts';

/** Grey shapes of rows to come. Only for the very first load, when the device holds nothing. */
export function SkeletonRows({ rows, label }: { rows: number; label: string }) {
  const styles = useStyles();
  return (
    <View role="progressbar" aria-label={label} aria-busy>
      {Array.from({ length: rows }, (_, index) => (
        <View key={index} style={styles.row}>
          <View style={styles.circle} />
          <View style={styles.lines}>
            <View style={[styles.line, { width: `${WIDTHS[index % WIDTHS.length] ?? 40}%` }]} />
            <View style={[styles.line, styles.thin, { width: `${WIDTHS[(index + 2) % WIDTHS.length] ?? 60}%` }]} />
          </View>
        </View>
      ))}
    </View>
  );
}

const WIDTHS = [42, 56, 34, 68, 48];

const useStyles = createStyles((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, paddingHorizontal: SPACE.l, height: 72 },
  circle: { width: 52, height: 52, borderRadius: 26, backgroundColor: colors.sunken },
  lines: { flex: 1, gap: 10 },
  line: { height: 14, borderRadius: RADIUS.s, backgroundColor: colors.sunken },
  thin: { height: 11 },
}));
