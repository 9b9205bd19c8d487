import type { ReactNode } from 'react';
import { View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE } from './tokens.ts';

/** A titled card of rows. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <View style={styles.section} role="region" aria-label={title}>
      <Text size="small" weight="600" color="textSecondary" role="heading" aria-level={2} style={styles.title}>
        {title}
      </Text>
      <View style={styles.card}>{children}</View>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  section: { gap: SPACE.s },
  title: { paddingHorizontal: SPACE.l },
  card: { borderRadius: RADIUS.l, borderWidth: 1, borderColor: colors.line, backgroundColor: colors.surface, overflow: 'hidden', paddingVertical: SPACE.xs },
}));
