import type { ReplyPreview } from '@couplet/protocol';
import { Pressable, View } from 'react-native';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useLongPress } from './bubble-press.ts';

/** The message that is answered, inside the bubble of its answer; a press leads to it. */
export function Quote({ reply, author, isMine, onPress }: { reply: ReplyPreview; author: string; isMine: boolean; onPress: () => void }) {
  const styles = useStyles();
  return (
    <Pressable role="button" aria-label={`Answer to ${author}: ${reply.excerpt}. Show it`} onPress={onPress} {...useLongPress()} style={[styles.quote, isMine ? styles.inMine : styles.inPeers]}>
      <View style={[styles.bar, isMine ? styles.barMine : null]} />
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1} color={isMine ? 'bubbleMineText' : 'accent'}>
          {author}
        </Text>
        <Text size="small" numberOfLines={2} color={isMine ? 'bubbleMineText' : 'text'}>
          {reply.excerpt || 'Message deleted'}
        </Text>
      </View>
    </Pressable>
  );
}

const useStyles = createStyles((colors) => ({
  quote: { flexDirection: 'row', borderRadius: RADIUS.s, overflow: 'hidden', marginBottom: SPACE.xs, marginTop: 2 },
  inMine: { backgroundColor: colors.bubbleMineQuote },
  inPeers: { backgroundColor: colors.bubblePeerQuote },
  bar: { width: 3, backgroundColor: colors.accent },
  barMine: { backgroundColor: colors.bubbleMineText },
  words: { flexShrink: 1, paddingVertical: 5, paddingHorizontal: SPACE.s + 2 },
}));
