import { Modal, Pressable, View } from 'react-native';
import { Button } from './button.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { RADIUS, SPACE } from './tokens.ts';
import { useDismissal } from './use-dismissal.ts';

export interface DialogProps {
  title: string;
  detail: string;
  confirm: { label: string; danger?: boolean; testID?: string; onPress: () => void };
  onClose: () => void;
}

/** Asks before what cannot be taken back; nothing else interrupts. */
export function Dialog({ title, detail, confirm, onClose }: DialogProps) {
  const styles = useStyles();
  useDismissal(onClose);
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role="alertdialog" aria-label={title} aria-modal>
          <Text size="large" weight="600">
            {title}
          </Text>
          <Text color="textSecondary">{detail}</Text>
          <View style={styles.actions}>
            <View style={styles.action}>
              <Button label="Cancel" kind="plain" onPress={onClose} testID="dialog-cancel" />
            </View>
            <View style={styles.action}>
              <Button
                label={confirm.label}
                kind={confirm.danger ? 'danger' : 'primary'}
                testID={confirm.testID}
                onPress={() => {
                  onClose();
                  confirm.onPress();
                }}
              />
            </View>
          </View>
        </View>
      </View>
    </Modal>
  );
}

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.xl, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 360, gap: SPACE.s, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
  actions: { flexDirection: 'row', gap: SPACE.s, marginTop: SPACE.m },
  action: { flex: 1 },
}));
