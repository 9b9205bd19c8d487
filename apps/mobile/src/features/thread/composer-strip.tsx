import { View } from 'react-native';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import type { ComposerMode } from './composer-mode.ts';

/** Above the field: what is answered or edited, and the way out. */
export function ComposerStrip({ mode, onCancel }: { mode: Exclude<ComposerMode, { type: 'write' }>; onCancel: () => void }) {
  const styles = useStyles();
  const isEdit = mode.type === 'edit';
  return (
    <View style={styles.strip} testID={`composer-${mode.type}`}>
      <Icon name={isEdit ? 'edit-2' : 'corner-up-left'} size={18} color="accent" />
      <View style={styles.bar} />
      <View style={styles.words}>
        <Text size="small" weight="600" color="accent" numberOfLines={1}>
          {isEdit ? 'Edit message' : `Answer to ${mode.author}`}
        </Text>
        <Text size="small" color="textSecondary" numberOfLines={1}>
          {mode.message.text ?? ''}
        </Text>
      </View>
      <IconButton icon="x" label={isEdit ? 'Cancel editing' : 'Cancel answer'} color="textSecondary" size={18} onPress={onCancel} testID="composer-cancel" />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  strip: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, paddingStart: SPACE.m, paddingBottom: SPACE.s },
  bar: { width: 2, alignSelf: 'stretch', marginVertical: 4, borderRadius: 1, backgroundColor: colors.accent },
  words: { flex: 1, minWidth: 0 },
}));
