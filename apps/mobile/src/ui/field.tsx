import { type ReactNode, type Ref, useId, useState } from 'react';
import { TextInput, type TextInputProps, View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles, useTheme } from './theme.tsx';
import { RADIUS, SPACE, TYPE } from './tokens.ts';

export interface FieldProps extends Omit<TextInputProps, 'style' | 'id'> {
  label: string;
  /** What is wrong, in words; shown under the field and told to screen readers. */
  error?: string | null;
  hint?: string;
  trailing?: ReactNode;
  ref?: Ref<TextInput>;
}

export function Field({ label, error, hint, trailing, ref, onFocus, onBlur, ...input }: FieldProps) {
  const styles = useStyles();
  const { colors, scheme } = useTheme();
  const [isFocused, setIsFocused] = useState(false);
  const noteId = useId();
  const note = error ?? hint;
  return (
    <View style={styles.field}>
      <Text size="small" weight="500" color="textSecondary">
        {label}
      </Text>
      <View style={[styles.box, isFocused ? styles.focused : null, error ? styles.wrong : null]}>
        <TextInput
          {...input}
          ref={ref}
          aria-label={label}
          aria-invalid={Boolean(error)}
          aria-describedby={note ? noteId : undefined}
          placeholderTextColor={colors.textSecondary}
          keyboardAppearance={scheme}
          selectionColor={colors.accent}
          onFocus={(event) => {
            setIsFocused(true);
            onFocus?.(event);
          }}
          onBlur={(event) => {
            setIsFocused(false);
            onBlur?.(event);
          }}
          style={styles.input}
        />
        {trailing}
      </View>
      {note ? (
        <Text size="small" id={noteId} color={error ? 'danger' : 'textSecondary'} aria-live={error ? 'polite' : 'off'}>
          {note}
        </Text>
      ) : null}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  field: { gap: SPACE.xs + 2 },
  box: {
    flexDirection: 'row',
    alignItems: 'center',
    minHeight: 48,
    borderRadius: RADIUS.m,
    borderWidth: 1.5,
    borderColor: 'transparent',
    backgroundColor: colors.sunken,
  },
  focused: { borderColor: colors.accent },
  wrong: { borderColor: colors.danger },
  input: { ...TYPE.large, lineHeight: undefined, flex: 1, minWidth: 0, alignSelf: 'stretch', paddingHorizontal: SPACE.m, color: colors.text },
}));
