import { View } from 'react-native';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { SPACE } from './tokens.ts';

export interface EmptyStateProps {
  icon: IconName;
  title: string;
  detail?: string;
  action?: { label: string; onPress: () => void; testID?: string };
}

export function EmptyState({ icon, title, detail, action }: EmptyStateProps) {
  const styles = useStyles();
  return (
    <View style={styles.state}>
      <View style={styles.disc}>
        <Icon name={icon} size={28} color="accent" />
      </View>
      <Text size="large" weight="600" style={styles.centred}>
        {title}
      </Text>
      {detail ? (
        <Text color="textSecondary" style={styles.centred}>
          {detail}
        </Text>
      ) : null}
      {action ? (
        <View style={styles.action}>
          <Button label={action.label} onPress={action.onPress} testID={action.testID} />
        </View>
      ) : null}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  state: { flexGrow: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.xl, gap: SPACE.s },
  disc: { width: 64, height: 64, borderRadius: 32, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.accentSoft, marginBottom: SPACE.s },
  centred: { textAlign: 'center', maxWidth: 320 },
  action: { marginTop: SPACE.m },
}));
