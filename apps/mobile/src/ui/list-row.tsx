import type { ReactNode } from 'react';
import { Pressable, View } from 'react-native';
import { Icon, type IconName } from './icon.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { type Palette, SPACE } from './tokens.ts';

export interface ListRowProps {
  title: string;
  detail?: string;
  icon?: IconName;
  leading?: ReactNode;
  trailing?: ReactNode;
  color?: keyof Palette;
  onPress?: () => void;
  testID?: string;
}

/** A line of a settings list or of people: something at the start, words, something at the end. */
export function ListRow({ title, detail, icon, leading, trailing, color = 'text', onPress, testID }: ListRowProps) {
  const styles = useStyles();
  const content = (
    <>
      {icon ? <Icon name={icon} size={20} color={color === 'text' ? 'textSecondary' : color} /> : leading}
      <View style={styles.words}>
        <Text numberOfLines={1} weight={detail ? '500' : '400'} color={color}>
          {title}
        </Text>
        {detail ? (
          <Text numberOfLines={2} size="small" color="textSecondary">
            {detail}
          </Text>
        ) : null}
      </View>
      {trailing}
    </>
  );
  if (!onPress) {
    return (
      <View style={styles.row} testID={testID}>
        {content}
      </View>
    );
  }
  return (
    <Pressable
      role="button"
      aria-label={detail ? `${title}, ${detail}` : title}
      onPress={onPress}
      testID={testID}
      style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.row, hovered ? styles.hovered : null, pressed ? styles.pressed : null]}
    >
      {content}
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, minHeight: 52, paddingVertical: SPACE.s, paddingHorizontal: SPACE.l },
  words: { flex: 1, minWidth: 0, gap: 1 },
  hovered: { backgroundColor: colors.hover },
  pressed: { backgroundColor: colors.pressed },
}));
