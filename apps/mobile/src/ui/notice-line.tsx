import { View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { SPACE } from './tokens.ts';

/** One thin line under a header: a condition, not an alarm. */
export function NoticeLine({ text, testID }: { text: string; testID?: string }) {
  const styles = useStyles();
  return (
    <View style={styles.line} role="status" aria-live="polite" testID={testID}>
      <Text size="caption" weight="500" color="textSecondary">
        {text}
      </Text>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  line: { alignItems: 'center', paddingVertical: 3, paddingHorizontal: SPACE.l, backgroundColor: colors.sunken },
}));
