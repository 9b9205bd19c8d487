import type { ReactNode } from 'react';
import { StyleSheet, View } from 'react-native';

/** The page's height follows the keyboard: see `interactive-widget` and `dvh` in public/index.html. */
export function KeyboardRoot({ children }: { children: ReactNode }) {
  return children;
}

export function AboveKeyboard({ children }: { children: ReactNode }) {
  return <View style={styles.fill}>{children}</View>;
}

const styles = StyleSheet.create({ fill: { flex: 1, minHeight: 0 } });
