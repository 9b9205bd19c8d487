import { type ImageStyle, StyleSheet, type TextStyle, type ViewStyle } from 'react-native';

/**
 * Styles that depend on a value of which there are few: each is made once. On the
 * web a made style is a row of class names, and one that is not is turned into an
 * element's own styles anew wherever it is drawn.
 */
export function madeStyles<Value, Style extends ViewStyle | TextStyle | ImageStyle>(keyOf: (value: Value) => string, build: (value: Value) => Style): (value: Value) => Style {
  const made = new Map<string, Style>();
  return (value) => {
    const key = keyOf(value);
    const known = made.get(key);
    if (known !== undefined) return known;
    const style = StyleSheet.create({ style: build(value) as ViewStyle }).style as Style;
    made.set(key, style);
    return style;
  };
}
