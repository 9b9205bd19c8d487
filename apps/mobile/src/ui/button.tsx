import { ActivityIndicator, Pressable } from 'react-native';
import { Icon, type IconName } from './icon.tsx';
import { Text } from './text.tsx';
import { createStyles, useTheme } from './theme.tsx';
import { type Palette, RADIUS, SPACE, TOUCH_TARGET } from './tokens.ts';

export interface ButtonProps {
  label: string;
  onPress: () => void;
  kind?: 'primary' | 'plain' | 'danger';
  icon?: IconName;
  busy?: boolean;
  disabled?: boolean;
  testID?: string;
}

const INK: Record<NonNullable<ButtonProps['kind']>, keyof Palette> = { primary: 'onAccent', plain: 'accent', danger: 'danger' };

export function Button({ label, onPress, kind = 'primary', icon, busy = false, disabled = false, testID }: ButtonProps) {
  const styles = useStyles();
  const { colors } = useTheme();
  const isInert = busy || disabled;
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-busy={busy}
      aria-disabled={isInert}
      disabled={isInert}
      onPress={onPress}
      testID={testID}
      style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [
        styles.button,
        styles[kind],
        kind === 'primary' ? (pressed || hovered) && styles.primaryPressed : (pressed || hovered) && styles.plainPressed,
        disabled && !busy ? styles.disabled : null,
      ]}
    >
      {busy ? <ActivityIndicator size="small" color={colors[INK[kind]]} /> : null}
      {icon && !busy ? <Icon name={icon} size={18} color={INK[kind]} /> : null}
      <Text weight="600" color={INK[kind]}>
        {label}
      </Text>
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  button: {
    minHeight: TOUCH_TARGET + 4,
    paddingHorizontal: SPACE.l,
    borderRadius: RADIUS.m,
    flexDirection: 'row',
    alignItems: 'center',
    justifyContent: 'center',
    gap: SPACE.s,
  },
  primary: { backgroundColor: colors.accentFill },
  primaryPressed: { backgroundColor: colors.accentFillPressed },
  plain: { backgroundColor: colors.accentSoft },
  danger: { backgroundColor: colors.dangerSoft },
  plainPressed: { opacity: 0.8 },
  disabled: { opacity: 0.45 },
}));
