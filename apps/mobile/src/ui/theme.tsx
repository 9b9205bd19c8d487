import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { type ImageStyle, StyleSheet, type TextStyle, useColorScheme, type ViewStyle } from 'react-native';
import { DARK, LIGHT, type Palette } from './tokens.ts';

export type Appearance = 'system' | 'light' | 'dark';

export interface Theme {
  scheme: 'light' | 'dark';
  colors: Palette;
}

const THEMES: Record<Theme['scheme'], Theme> = {
  light: { scheme: 'light', colors: LIGHT },
  dark: { scheme: 'dark', colors: DARK },
};

const ThemeContext = createContext<Theme>(THEMES.light);

export function ThemeProvider({ appearance, children }: { appearance: Appearance; children: ReactNode }) {
  const system = useColorScheme() === 'dark' ? 'dark' : 'light';
  const scheme = appearance === 'system' ? system : appearance;
  return <ThemeContext value={THEMES[scheme]}>{children}</ThemeContext>;
}

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

type NamedStyles = Record<string, ViewStyle | TextStyle | ImageStyle>;

/** Styles made once per theme; the hook answers those of the theme in force. */
export function createStyles<Styles extends NamedStyles>(build: (colors: Palette, scheme: Theme['scheme']) => Styles): () => Styles {
  const made = new Map<Theme, Styles>();
  return function useStyles() {
    const theme = useTheme();
    return useMemo(() => {
      const known = made.get(theme);
      if (known) return known;
      const styles = StyleSheet.create(build(theme.colors, theme.scheme));
      made.set(theme, styles);
      return styles;
    }, [theme]);
  };
}
