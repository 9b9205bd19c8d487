import type { User } from '@couplet/protocol';
import { View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { Button } from '../../ui/button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';

/** In place of the composer while the viewer blocks the peer. */
export function BlockedBar({ peer, onFailure }: { peer: User; onFailure: (error: unknown) => void }) {
  const styles = useStyles();
  const messenger = useMessenger();
  const insets = useSafeAreaInsets();
  return (
    <View style={[styles.bar, { paddingBottom: SPACE.m + insets.bottom }]}>
      <Text color="textSecondary" style={styles.words}>
        You blocked {peer.name}.
      </Text>
      <Button kind="plain" label="Unblock" onPress={() => void messenger.people.unblock(peer.id).catch(onFailure)} testID="unblock" />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  bar: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'center', gap: SPACE.l, padding: SPACE.m, borderTopWidth: 1, borderTopColor: colors.line, backgroundColor: colors.surface },
  words: { textAlign: 'center' },
}));
