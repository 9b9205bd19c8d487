import type { ReactNode } from 'react';
import { ScrollView, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { ScreenHeader } from './screen-header.tsx';
import { createStyles } from './theme.tsx';
import { SPACE } from './tokens.ts';

/** A titled screen whose content scrolls in a column of readable width. */
export function Screen({ title, onBack, children }: { title: string; onBack?: () => void; children: ReactNode }) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  return (
    <View style={styles.screen}>
      <ScreenHeader title={title} onBack={onBack} />
      <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={[styles.content, { paddingBottom: SPACE.xl + insets.bottom }]}>
        {children}
      </ScrollView>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.background },
  content: { width: '100%', maxWidth: 600, alignSelf: 'center', padding: SPACE.l, gap: SPACE.l },
}));
