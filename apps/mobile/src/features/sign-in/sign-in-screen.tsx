import { useState } from 'react';
import { ScrollView, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { AboveKeyboard } from '../../platform/keyboard.tsx';
import { CAN_CHOOSE_SERVER } from '../../platform/server-url.ts';
import { useAppSelector } from '../../state/store.ts';
import { Wordmark } from '../../ui/mark.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { AccountForm, type AccountMode } from './account-form.tsx';
import { ServerAddress } from './server-address.tsx';

const MODES = [
  { value: 'sign-in', label: 'Sign in' },
  { value: 'sign-up', label: 'Sign up' },
] as const;

const ENDED: Record<'expired' | 'revoked', string> = {
  expired: 'You were away for a long time. Sign in again to go on.',
  revoked: 'This device was signed out. Sign in again to go on.',
};

export function SignInScreen() {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const [mode, setMode] = useState<AccountMode>('sign-in');
  const endedBy = useAppSelector((state) => state.auth.endedBy);
  return (
    <AboveKeyboard>
      <ScrollView
        style={styles.screen}
        keyboardShouldPersistTaps="handled"
        contentContainerStyle={[styles.content, { paddingTop: insets.top + SPACE.xl, paddingBottom: insets.bottom + SPACE.xl }]}
      >
        <View style={styles.column} role="main">
          <View style={styles.brand}>
            <Wordmark size={48} />
            <Text color="textSecondary" style={styles.line}>
              Two people, one conversation.
            </Text>
          </View>
          <View style={styles.card}>
            <Segmented label="Sign in or sign up" value={mode} choices={MODES} onChange={setMode} testID="sign-in-mode" />
            {endedBy === 'expired' || endedBy === 'revoked' ? (
              <Text color="textSecondary" role="status">
                {ENDED[endedBy]}
              </Text>
            ) : null}
            <AccountForm key={mode} mode={mode} />
            {CAN_CHOOSE_SERVER ? <ServerAddress /> : null}
          </View>
        </View>
      </ScrollView>
    </AboveKeyboard>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.background },
  content: { flexGrow: 1, alignItems: 'center', justifyContent: 'center', paddingHorizontal: SPACE.l },
  column: { width: '100%', maxWidth: 400, gap: SPACE.xl },
  brand: { alignItems: 'center', gap: SPACE.s },
  line: { textAlign: 'center' },
  card: {
    gap: SPACE.l,
    padding: SPACE.xl,
    borderRadius: RADIUS.l + 4,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    boxShadow: `0 10px 40px ${colors.shadow}`,
  },
}));
