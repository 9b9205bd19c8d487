import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { type GestureResponderEvent, Modal, Pressable, useWindowDimensions, View } from 'react-native';
import { ignoreRelease } from '../platform/held-press.ts';
import { TYPE_FACTOR, useTextScale } from '../platform/text-scale.ts';
import { Icon, type IconName } from './icon.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE, TOUCH_TARGET, TYPE } from './tokens.ts';
import { useDismissal } from './use-dismissal.ts';

export interface MenuOption {
  label: string;
  icon: IconName;
  onPress: () => void;
  danger?: boolean;
  testID?: string;
}

/** Where in the window the menu opens, in points. */
export interface MenuAnchor {
  x: number;
  y: number;
}

/** Where a press opens its menu: at the finger or pointer, or under what was pressed by the keyboard. */
export function anchorOf(event: GestureResponderEvent): MenuAnchor {
  const { pageX = 0, pageY = 0 } = event.nativeEvent as { pageX?: number; pageY?: number };
  // A key has no place: on the web it presses at the window's corner, or nowhere.
  if (pageX !== 0 || pageY !== 0) return { x: pageX, y: pageY };
  const { left, bottom } = (event.currentTarget as unknown as { getBoundingClientRect(): { left: number; bottom: number } }).getBoundingClientRect();
  return { x: left, y: bottom };
}

export interface MenuProps {
  anchor: MenuAnchor;
  options: readonly MenuOption[];
  onClose: () => void;
  /** A strip above the options, of this height. */
  header?: { height: number; element: ReactNode };
}

/** In points, and how much wider it grows with the reader's text. */
const WIDTH = 232;
const MOST_WIDENING = 1.5;
const LINE_HEIGHT = TYPE.body.lineHeight / TYPE_FACTOR;
const OPTION_PADDING = 12;

export function Menu({ anchor, options, onClose, header }: MenuProps) {
  const styles = useStyles();
  useDismissal(onClose);
  // Opened by a long press, it comes under the finger.
  useLayoutEffect(() => ignoreRelease(), []);
  const window = useWindowDimensions();
  // The option runs after the menu has gone: what it opens must not be closed with it.
  const chosen = useRef<MenuOption | null>(null);
  const scale = useTextScale();
  const width = Math.min(WIDTH * Math.min(scale, MOST_WIDENING), window.width - SPACE.s * 2);
  const optionHeight = Math.max(TOUCH_TARGET, Math.ceil(LINE_HEIGHT * scale) + OPTION_PADDING * 2);
  const height = options.length * optionHeight + (header?.height ?? 0) + SPACE.s * 2;
  const left = clamp(anchor.x, SPACE.s, window.width - width - SPACE.s);
  const fitsBelow = anchor.y + height + SPACE.s <= window.height;
  const top = clamp(fitsBelow ? anchor.y : anchor.y - height, SPACE.s, window.height - height - SPACE.s);

  return (
    <Modal transparent animationType="fade" onRequestClose={onClose} aria-label="Menu">
      <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close menu" role="button" tabIndex={-1} />
      <View style={[styles.menu, { left, top, width }]} role="menu">
        {header?.element}
        {options.map((option) => (
          <Pressable
            key={option.label}
            role="menuitem"
            aria-label={option.label}
            testID={option.testID}
            onPress={() => {
              if (chosen.current) return;
              chosen.current = option;
              onClose();
              option.onPress();
            }}
            style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.option, { minHeight: optionHeight }, pressed || hovered ? styles.lit : null]}
          >
            <Icon name={option.icon} size={18} color={option.danger ? 'danger' : 'textSecondary'} />
            <Text color={option.danger ? 'danger' : 'text'}>{option.label}</Text>
          </Pressable>
        ))}
      </View>
    </Modal>
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

const useStyles = createStyles((colors) => ({
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  menu: {
    position: 'absolute',
    paddingVertical: SPACE.s,
    borderRadius: RADIUS.m,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    boxShadow: `0 8px 28px ${colors.shadow}`,
  },
  option: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, paddingHorizontal: SPACE.l },
  lit: { backgroundColor: colors.hover },
}));
