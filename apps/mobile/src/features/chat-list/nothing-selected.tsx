import { View } from 'react-native';
import { useRouter } from 'expo-router';
import { Button } from '../../ui/button.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';

/** Beside the list, before a conversation is chosen. */
export function NothingSelected() {
  const router = useRouter();
  const styles = useStyles();
  return (
    <View style={styles.pane}>
      <Mark size={56} />
      <Text size="large" weight="600">
        Choose a conversation
      </Text>
      <Text color="textSecondary">or begin a new one with somebody you know.</Text>
      <View style={styles.action}>
        <Button kind="plain" label="Find people" icon="edit-2" onPress={() => router.navigate('/people')} />
      </View>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  pane: { flex: 1, alignItems: 'center', justifyContent: 'center', gap: SPACE.s, backgroundColor: colors.background },
  action: { marginTop: SPACE.l },
}));
