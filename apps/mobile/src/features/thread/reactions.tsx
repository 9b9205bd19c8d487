import type { Reaction, UserId } from '@couplet/protocol';
import { Pressable, View } from 'react-native';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS } from '../../ui/tokens.ts';

/** Under the bubble, in a line of its own: it never covers what was said nor touches what follows. */
export function Reactions({ reactions, viewerId, onToggle }: { reactions: readonly Reaction[]; viewerId: UserId; onToggle: (emoji: string) => void }) {
  const styles = useStyles();
  const emoji = [...new Set(reactions.map((reaction) => reaction.emoji))];
  return (
    <View style={styles.line}>
      {emoji.map((each) => {
        const count = reactions.filter((reaction) => reaction.emoji === each).length;
        const isMine = reactions.some((reaction) => reaction.emoji === each && reaction.userId === viewerId);
        return (
          <Pressable
            key={each}
            role="button"
            aria-label={isMine ? `${each}, take your reaction back` : `${each}, react the same`}
            aria-pressed={isMine}
            onPress={() => onToggle(each)}
            hitSlop={10}
            testID={`reaction-${each}`}
            style={[styles.chip, isMine ? styles.mine : null]}
          >
            <Text size="small">{each}</Text>
            {count > 1 ? (
              <Text size="caption" color="textSecondary">
                {count}
              </Text>
            ) : null}
          </Pressable>
        );
      })}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  line: { flexDirection: 'row', gap: 4, marginTop: -6, marginHorizontal: 8, paddingBottom: 2 },
  chip: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: 3,
    minHeight: 26,
    paddingHorizontal: 7,
    borderRadius: RADIUS.round,
    borderWidth: 2,
    borderColor: colors.background,
    backgroundColor: colors.sunken,
  },
  mine: { backgroundColor: colors.accentSoft },
}));
