import { Pressable, View } from 'react-native';
import { Badge } from '../../ui/badge.tsx';
import { Icon } from '../../ui/icon.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';

/** Back to the newest message; says how many have come since. */
export function JumpButton({ unreadCount, onPress }: { unreadCount: number; onPress: () => void }) {
  const styles = useStyles();
  const label = unreadCount > 0 ? `${unreadCount} new ${unreadCount === 1 ? 'message' : 'messages'}` : 'Newest message';
  return (
    <View style={styles.place}>
      <Pressable role="button" aria-label={`${label}, jump to the end`} onPress={onPress} testID="jump-button" style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.button, pressed || hovered ? styles.lit : null]}>
        <Icon name="arrow-down" size={20} color="accent" />
      </Pressable>
      {unreadCount > 0 ? (
        <View style={styles.badge} pointerEvents="none">
          <Badge count={unreadCount} label={label} testID="jump-count" />
        </View>
      ) : null}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  place: { position: 'absolute', end: SPACE.l, bottom: SPACE.l },
  button: {
    width: TOUCH_TARGET,
    height: TOUCH_TARGET,
    borderRadius: TOUCH_TARGET / 2,
    alignItems: 'center',
    justifyContent: 'center',
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    boxShadow: `0 3px 12px ${colors.shadow}`,
  },
  lit: { backgroundColor: colors.hover },
  badge: { position: 'absolute', top: -9, start: 0, end: 0, alignItems: 'center' },
}));
