import type { OutgoingFile } from '@couplet/client';
import { useState } from 'react';
import { Modal, Pressable, View } from 'react-native';
import { mayShrink } from '../../platform/pictures/picture-kind.ts';
import { useAppSelector } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { useDismissal } from '../../ui/use-dismissal.ts';
import { ChosenFiles } from './chosen-files.tsx';
import { useOutgoingFiles } from './use-outgoing-files.ts';

export interface AttachSheetProps {
  files: readonly OutgoingFile[];
  peerName: string;
  onRemove: (index: number) => void;
  /** They are sent, and shown, in this order. */
  onMove: (from: number, to: number) => void;
  /** The files as they are sent: pictures may be smaller than what was chosen. */
  onSend: (outgoing: readonly OutgoingFile[], caption: string) => void;
  onClose: () => void;
}

/** What is about to be sent, with room for a word about it. */
export function AttachSheet({ files, peerName, onRemove, onMove, onSend, onClose }: AttachSheetProps) {
  const styles = useStyles();
  const [caption, setCaption] = useState('');
  const [quality, setQuality] = useState(useAppSelector((state) => state.ui.photoQuality));
  const [isSending, setIsSending] = useState(false);
  const { outgoing, settle } = useOutgoingFiles(files, quality);
  useDismissal(onClose);
  const send = () => {
    setIsSending(true);
    // Made while the person looked at them: nearly always there by now.
    void settle().then((made) => onSend(made, caption.trim()));
  };
  return (
    <Modal transparent animationType="fade" onRequestClose={onClose}>
      <View style={styles.scrim}>
        <Pressable style={styles.backdrop} onPress={onClose} aria-label="Close" role="button" tabIndex={-1} />
        <View style={styles.card} role="dialog" aria-modal aria-label={`Send to ${peerName}`} testID="attach-sheet">
          <Text size="large" weight="600">
            {files.length === 1 ? `Send to ${peerName}` : `Send ${files.length} to ${peerName}`}
          </Text>
          <ChosenFiles files={files} outgoing={outgoing} onMove={onMove} onRemove={onRemove} />
          {files.some(mayShrink) ? (
            <View style={styles.quality}>
              <Text size="small" weight="500" color="textSecondary">
                Quality of photos
              </Text>
              <Segmented label="Quality of photos" value={quality} choices={QUALITIES} onChange={setQuality} testID="attach-quality" />
            </View>
          ) : null}
          <Field label="Caption" value={caption} onChangeText={setCaption} maxLength={CAPTION_LENGTH} onSubmitEditing={send} testID="attach-caption" />
          <View style={styles.actions}>
            <View style={styles.action}>
              <Button label="Cancel" kind="plain" onPress={onClose} testID="attach-cancel" />
            </View>
            <View style={styles.action}>
              <Button label="Send" busy={isSending} onPress={send} testID="attach-send" />
            </View>
          </View>
        </View>
      </View>
    </Modal>
  );
}

const QUALITIES = [
  { value: 'standard', label: 'Standard' },
  { value: 'original', label: 'Original' },
] as const;

/** As many characters as a message may have. */
const CAPTION_LENGTH = 8_000;

const useStyles = createStyles((colors) => ({
  scrim: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.l, backgroundColor: colors.scrim },
  backdrop: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  card: { width: '100%', maxWidth: 420, maxHeight: '100%', gap: SPACE.m, padding: SPACE.xl, borderRadius: RADIUS.l, backgroundColor: colors.surface },
  quality: { gap: SPACE.xs },
  actions: { flexDirection: 'row', gap: SPACE.s },
  action: { flex: 1 },
}));
