import { Pressable } from 'react-native';
import { KEEPS_FOCUS } from '../platform/keep-focus.ts';
import { Icon, type IconName } from './icon.tsx';
import { createStyles } from './theme.tsx';
import { type Palette, RADIUS, TOUCH_TARGET } from './tokens.ts';

export interface IconButtonProps {
  icon: IconName;
  label: string;
  onPress: () => void;
  color?: keyof Palette;
  size?: number;
  filled?: boolean;
  disabled?: boolean;
  /** A press leaves the focus in the field that it belongs to. */
  keepsFocus?: boolean;
  testID?: string;
}

export function IconButton({ icon, label, onPress, color = 'accent', size = 22, filled = false, disabled = false, keepsFocus = false, testID }: IconButtonProps) {
  const styles = useStyles();
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      testID={testID}
      {...(keepsFocus ? KEEPS_FOCUS : {})}
      style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [
        styles.button,
        filled ? styles.filled : null,
        filled && (pressed || hovered) ? styles.filledPressed : null,
        !filled && hovered ? styles.hovered : null,
        !filled && pressed ? styles.pressed : null,
        disabled ? styles.disabled : null,
      ]}
    >
      <Icon name={icon} size={size} color={filled ? 'onAccent' : color} />
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  button: { width: TOUCH_TARGET, height: TOUCH_TARGET, borderRadius: RADIUS.round, alignItems: 'center', justifyContent: 'center' },
  hovered: { backgroundColor: colors.hover },
  pressed: { backgroundColor: colors.pressed },
  filled: { backgroundColor: colors.accentFill },
  filledPressed: { backgroundColor: colors.accentFillPressed },
  disabled: { opacity: 0.4 },
}));
