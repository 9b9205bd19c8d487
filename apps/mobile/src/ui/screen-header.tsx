import type { ReactNode } from 'react';
import { View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { IconButton } from './icon-button.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { SPACE } from './tokens.ts';

const HEADER_HEIGHT = 60;

export interface ScreenHeaderProps {
  title?: string;
  onBack?: () => void;
  /** In place of the title. */
  children?: ReactNode;
  trailing?: ReactNode;
}

export function ScreenHeader({ title, onBack, children, trailing }: ScreenHeaderProps) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  return (
    <View style={[styles.header, { paddingTop: insets.top + SPACE.xs, minHeight: HEADER_HEIGHT + insets.top }]} role="banner">
      {onBack ? <IconButton icon="chevron-left" label="Back" size={26} onPress={onBack} testID="back" /> : <View style={styles.inset} />}
      {title ? (
        <Text size="large" weight="600" role="heading" aria-level={1} numberOfLines={1} style={styles.title}>
          {title}
        </Text>
      ) : null}
      {children}
      {trailing}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  header: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: SPACE.xs,
    paddingHorizontal: SPACE.xs,
    paddingBottom: SPACE.xs,
    backgroundColor: colors.surface,
    borderBottomWidth: 1,
    borderBottomColor: colors.line,
  },
  inset: { width: SPACE.s },
  title: { flex: 1 },
}));
