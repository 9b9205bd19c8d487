import type { ReactNode } from 'react';
import { Modal, Pressable, View } from 'react-native';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE } from './tokens.ts';
import { useDismissal } from './use-dismissal.ts';

export interface DialogCardProps {
  title: string;
  /** `alertdialog`: it asks something that wants an answer. */
  role: 'dialog' | 'alertdialog';
  onClose: () => void;
  testID?: string;
  children: ReactNode;
}

/** A card over everything else. A press beside it, Escape and the way back close it. */
export function DialogCard({ title, role, onClose, testID, children }: DialogCardProps) {
  const styles = useStyles();
  useDismissal(onClose);
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role={role} aria-label={title} aria-modal testID={testID}>
          <Text size="large" weight="600">
            {title}
          </Text>
          {children}
        </View>
      </View>
    </Modal>
  );
}

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.xl, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 360, gap: SPACE.s, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
}));
