import { Pressable, View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE, TOUCH_TARGET } from './tokens.ts';

export interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  testID?: string;
}

/** One of a few, all in sight. */
export function Segmented<Value extends string>({ label, value, choices, onChange, testID }: SegmentedProps<Value>) {
  const styles = useStyles();
  return (
    <View style={styles.track} role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <Pressable
          key={choice.value}
          role="radio"
          aria-checked={choice.value === value}
          aria-label={choice.label}
          testID={testID ? `${testID}-${choice.value}` : undefined}
          onPress={() => onChange(choice.value)}
          style={[styles.choice, choice.value === value ? styles.chosen : null]}
        >
          <Text weight={choice.value === value ? '600' : '400'} color={choice.value === value ? 'text' : 'textSecondary'}>
            {choice.label}
          </Text>
        </Pressable>
      ))}
    </View>
  );
}

const useStyles = createStyles((colors, scheme) => ({
  track: { flexDirection: 'row', padding: 3, borderRadius: RADIUS.m, backgroundColor: colors.sunken },
  choice: { flex: 1, minHeight: TOUCH_TARGET, alignItems: 'center', justifyContent: 'center', borderRadius: RADIUS.m - 3, paddingHorizontal: SPACE.s },
  chosen: { backgroundColor: scheme === 'dark' ? colors.pressed : colors.surface, boxShadow: `0 1px 3px ${colors.shadow}` },
}));
