import { Pressable, View } from 'react-native';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import { useDismissal } from '../../ui/use-dismissal.ts';

/** Of the rows below: the words begin where theirs do. */
const AVATAR_WIDTH = 52;

/** The way to the chats that were put away: quiet, and still telling that something new is in there. */
export function ArchiveRow({ count, isUnread, onPress }: { count: number; isUnread: boolean; onPress: () => void }) {
  const styles = useStyles();
  return (
    <Pressable
      role="button"
      aria-label={`Archived, ${count} ${count === 1 ? 'chat' : 'chats'}${isUnread ? ', with unread messages' : ''}`}
      onPress={onPress}
      testID="open-archive"
      style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.row, pressed || hovered ? styles.lit : null]}
    >
      <View style={styles.icon}>
        <Icon name="archive" size={20} />
      </View>
      <Text weight="500" color="textSecondary" style={styles.words}>
        Archived
      </Text>
      <Text size="small" weight={isUnread ? '600' : '400'} color={isUnread ? 'accent' : 'textSecondary'}>
        {count}
      </Text>
    </Pressable>
  );
}

/** @param props.isShown no other screen lies over it */
export function ArchiveHeader({ onBack, isShown }: { onBack: () => void; isShown: boolean }) {
  const styles = useStyles();
  useDismissal(onBack, true, isShown);
  return (
    <View style={styles.header}>
      <IconButton icon="chevron-left" label="Back to chats" onPress={onBack} testID="leave-archive" />
      <Text weight="600" role="heading" aria-level={2}>
        Archived
      </Text>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, minHeight: TOUCH_TARGET, paddingHorizontal: SPACE.l },
  lit: { backgroundColor: colors.hover },
  icon: { width: AVATAR_WIDTH, alignItems: 'center' },
  words: { flex: 1 },
  header: { flexDirection: 'row', alignItems: 'center', minHeight: TOUCH_TARGET, paddingHorizontal: SPACE.s },
}));
