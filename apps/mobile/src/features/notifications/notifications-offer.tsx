import { View } from 'react-native';
import { useAppNotifications } from '../../messenger/messenger-provider.tsx';
import { useAppSelector } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';

/**
 * Offers notifications once, after the first message the person wrote: then they
 * know what for, and the platform's own question comes with their press.
 */
export function NotificationsOffer() {
  const styles = useStyles();
  const notifications = useAppNotifications();
  const isDue = useAppSelector(({ ui, notifications: { permission, isOfferDue } }) => isOfferDue && ui.pushes === 'undecided' && (permission === 'undecided' || permission === 'granted'));
  if (!isDue) return null;
  return (
    <View style={styles.place} pointerEvents="box-none">
      <View style={styles.card} role="status" aria-live="polite" testID="notifications-offer">
        <Text weight="500" style={styles.words}>
          Be told when the answer comes?
        </Text>
        <View style={styles.choices}>
          <Button kind="plain" label="Not now" onPress={() => void notifications.turnOff()} testID="notifications-not-now" />
          <Button label="Turn on" onPress={() => void notifications.turnOn()} testID="notifications-turn-on" />
        </View>
      </View>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  place: { position: 'absolute', top: SPACE.xl, start: 0, end: 0, alignItems: 'center', paddingHorizontal: SPACE.l },
  card: {
    flexDirection: 'row',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'center',
    gap: SPACE.m,
    maxWidth: 520,
    padding: SPACE.m,
    borderRadius: RADIUS.l,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.surface,
  },
  words: { flexShrink: 1, paddingHorizontal: SPACE.s },
  choices: { flexDirection: 'row', gap: SPACE.s },
}));
