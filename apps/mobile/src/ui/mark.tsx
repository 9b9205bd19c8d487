import { Text as NativeText, View } from 'react-native';
import { createStyles, useTheme } from './theme.tsx';
import { SPACE } from './tokens.ts';

/** The mark: two lines of a verse, two bubbles. */
export function Mark({ size }: { size: number }) {
  const styles = useStyles();
  const bar = { width: size * 0.46, height: size * 0.2, borderRadius: size * 0.1 };
  return (
    <View aria-hidden style={[styles.square, { width: size, height: size, borderRadius: size * 0.27 }]}>
      <View style={[styles.bar, bar, { left: size * 0.19, top: size * 0.27 }]} />
      <View style={[styles.bar, styles.second, bar, { right: size * 0.17, bottom: size * 0.27 }]} />
    </View>
  );
}

/** The mark with the name: the one place where a serif speaks. */
export function Wordmark({ size }: { size: number }) {
  const { colors } = useTheme();
  const styles = useStyles();
  return (
    <View role="heading" aria-level={1} aria-label="Couplet" style={styles.wordmark}>
      <Mark size={size} />
      <NativeText allowFontScaling={false} style={[styles.name, { fontSize: size * 0.74, lineHeight: size, color: colors.text }]}>Couplet</NativeText>
    </View>
  );
}

const useStyles = createStyles(() => ({
  square: { backgroundColor: '#7B2D5E' },
  bar: { position: 'absolute', backgroundColor: '#FFFFFF' },
  second: { backgroundColor: '#F0D9E6' },
  wordmark: { flexDirection: 'row', alignItems: 'center', gap: SPACE.s + 2 },
  name: { fontFamily: 'Georgia, "Source Serif 4", "DejaVu Serif", serif', fontStyle: 'italic' },
}));
