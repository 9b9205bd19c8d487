import Feather from '@expo/vector-icons/Feather';
import type { ComponentProps } from 'react';
import { useTheme } from './theme.tsx';
import type { Palette } from './tokens.ts';

export type IconName = ComponentProps<typeof Feather>['name'];

/** An icon is never the only bearer of a meaning: what it belongs to has the label. */
export function Icon({ name, size = 20, color = 'textSecondary' }: { name: IconName; size?: number; color?: keyof Palette }) {
  const { colors } = useTheme();
  return <Feather name={name} size={size} color={colors[color]} aria-hidden importantForAccessibility="no" accessibilityElementsHidden />;
}

/** The icon as text of its font, for what draws it by other means. */
export function glyphOf(name: IconName): { glyph: string; font: string } {
  return { glyph: String.fromCodePoint(Number(Feather.getRawGlyphMap()[name])), font: Feather.getFontFamily() };
}

/** Loads the icon font; screens are shown once it is there, so that no control appears empty. */
export function loadIcons(): Promise<void> {
  return Feather.loadFont();
}
