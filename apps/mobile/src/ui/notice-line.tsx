import { Pressable, View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { SPACE } from './tokens.ts';

interface NoticeAction {
  label: string;
  onPress: () => void;
}

export interface NoticeLineProps {
  text: string;
  /** The way out, beside it. */
  action?: NoticeAction;
  /** The other way. */
  otherwise?: NoticeAction;
  testID?: string;
}

/** One thin line under a header: a condition, not an alarm. */
export function NoticeLine({ text, action, otherwise, testID }: NoticeLineProps) {
  const styles = useStyles();
  return (
    <View style={styles.line} role="status" aria-live="polite" testID={testID}>
      <Text size="caption" weight="500" color="textSecondary">
        {action ? `${text} · ` : text}
      </Text>
      {action ? (
        <Pressable role="button" onPress={action.onPress} hitSlop={REACH} testID={testID && `${testID}-action`}>
          <Text size="caption" weight="600" color="accent">
            {action.label}
          </Text>
        </Pressable>
      ) : null}
      {otherwise ? (
        <Pressable role="button" onPress={otherwise.onPress} hitSlop={REACH} style={styles.otherwise} testID={testID && `${testID}-otherwise`}>
          <Text size="caption" weight="600" color="textSecondary">
            {otherwise.label}
          </Text>
        </Pressable>
      ) : null}
    </View>
  );
}

/** The line stays thin; what is touched is a finger's width. */
const REACH = { top: SPACE.m, bottom: SPACE.m, left: SPACE.l, right: SPACE.l };

const useStyles = createStyles((colors) => ({
  otherwise: { marginStart: SPACE.l },
  line: { flexDirection: 'row', justifyContent: 'center', flexWrap: 'wrap', paddingVertical: 3, paddingHorizontal: SPACE.l, backgroundColor: colors.sunken },
}));
