import { type Ref, useState } from 'react';
import { Platform, TextInput, View } from 'react-native';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';
import { Text } from './text.tsx';
import { createStyles, useTheme } from './theme.tsx';
import { RADIUS, scaledType, SPACE, TOUCH_TARGET } from './tokens.ts';

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Shown while it is empty and not in use, e.g. `Ctrl K`. */
  shortcut?: string;
  autoFocus?: boolean;
  /** Escape empties the field, and this says that it was pressed. */
  onEscape?: () => void;
  testID?: string;
  ref?: Ref<TextInput>;
}

export function SearchField({ label, value, onChange, shortcut, autoFocus = false, onEscape, testID, ref }: SearchFieldProps) {
  const styles = useStyles();
  const { colors, scheme } = useTheme();
  const [isFocused, setIsFocused] = useState(false);
  return (
    <View style={[styles.box, isFocused ? styles.focused : null]} {...SEARCH_ROLE}>
      <Icon name="search" size={18} />
      <TextInput
        ref={ref}
        value={value}
        onChangeText={onChange}
        aria-label={label}
        placeholder={label}
        placeholderTextColor={colors.textSecondary}
        selectionColor={colors.accent}
        keyboardAppearance={scheme}
        autoFocus={autoFocus}
        autoCapitalize="none"
        autoCorrect={false}
        returnKeyType="search"
        maxLength={QUERY_LENGTH}
        onFocus={() => setIsFocused(true)}
        onBlur={() => setIsFocused(false)}
        onKeyPress={(event) => {
          if (event.nativeEvent.key !== 'Escape') return;
          // Escape here belongs to the search, not to what lies behind it.
          event.preventDefault();
          onChange('');
          event.currentTarget.blur?.();
          onEscape?.();
        }}
        style={styles.input}
        testID={testID}
      />
      {value ? (
        <IconButton icon="x" label="Clear search" size={16} color="textSecondary" onPress={() => onChange('')} testID={testID ? `${testID}-clear` : undefined} />
      ) : null}
      {!value && shortcut && !isFocused && Platform.OS === 'web' ? (
        <View style={styles.shortcut} aria-hidden>
          <Text size="tiny" color="textSecondary">
            {shortcut}
          </Text>
        </View>
      ) : null}
    </View>
  );
}

/** A role of the web that React Native's list lacks. */
const SEARCH_ROLE = { role: 'search' } as object;
/** As many characters as the server searches for. */
const QUERY_LENGTH = 100;

const useStyles = createStyles((colors) => ({
  box: {
    flexDirection: 'row',
    alignItems: 'center',
    minHeight: TOUCH_TARGET,
    paddingStart: SPACE.m,
    borderRadius: RADIUS.m,
    borderWidth: 1.5,
    borderColor: 'transparent',
    backgroundColor: colors.sunken,
  },
  focused: { borderColor: colors.accent },
  // Below 16 points Safari on phones zooms the page when the field is entered.
  input: { fontSize: scaledType(16, 20).fontSize, flex: 1, minWidth: 0, alignSelf: 'stretch', paddingHorizontal: SPACE.s, color: colors.text },
  shortcut: { marginEnd: SPACE.s, paddingHorizontal: 6, paddingVertical: 2, borderRadius: 5, borderWidth: 1, borderColor: colors.line, backgroundColor: colors.surface },
}));
