import { StyleSheet, View } from 'react-native';
import { Button } from './button.tsx';
import { DialogCard } from './dialog-card.tsx';
import { Text } from './text.tsx';
import { SPACE } from './tokens.ts';

export interface DialogProps {
  title: string;
  detail: string;
  confirm: { label: string; danger?: boolean; testID?: string; onPress: () => void };
  onClose: () => void;
}

/** Asks before what cannot be taken back; nothing else interrupts. */
export function Dialog({ title, detail, confirm, onClose }: DialogProps) {
  return (
    <DialogCard title={title} role="alertdialog" onClose={onClose}>
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
    </DialogCard>
  );
}

const styles = StyleSheet.create({
  actions: { flexDirection: 'row', gap: SPACE.s, marginTop: SPACE.m },
  action: { flex: 1 },
});
