import { Pressable, Text } from 'react-native';
import type { RowButtonProps } from './row-button-props.ts';

/** Opens a menu for its row, where a pointer is precise enough for a button beside it. */
export function RowButton({ glyph, font, label, color, lit, onPress, testID }: RowButtonProps) {
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-haspopup="menu"
      onPress={onPress}
      testID={testID}
      style={({ pressed }) => ({ width: 32, height: 32, borderRadius: 16, alignItems: 'center', justifyContent: 'center', backgroundColor: pressed ? lit : undefined })}
    >
      <Text style={{ fontFamily: font, fontSize: 18, color }}>{glyph}</Text>
    </Pressable>
  );
}
