import type { OutgoingFile } from '@couplet/client';
import { useEffect, useState } from 'react';
import { type GestureResponderEvent, Pressable } from 'react-native';
import { keepBeforeReload } from '../../platform/app-update.ts';
import { hasCamera, pickFiles, subscribeToGivenFiles } from '../../platform/files.ts';
import { Icon } from '../../ui/icon.tsx';
import { anchorOf, Menu, type MenuAnchor } from '../../ui/menu.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, TOUCH_TARGET } from '../../ui/tokens.ts';
import { AttachSheet } from './attach-sheet.tsx';
import { withMoved } from './moved-place.ts';

export interface AttachButtonProps {
  peerName: string;
  onSend: (files: readonly OutgoingFile[], caption: string) => void;
  onFailure: (error: unknown) => void;
}

/** Chooses files, or takes what is pasted and dropped, and shows them before they are sent. */
export function AttachButton({ peerName, onSend, onFailure }: AttachButtonProps) {
  const styles = useStyles();
  const [anchor, setAnchor] = useState<MenuAnchor | null>(null);
  const [files, setFiles] = useState<readonly OutgoingFile[]>([]);
  const add = (more: readonly OutgoingFile[]) => setFiles((chosen) => [...chosen, ...more].slice(0, MOST));
  useEffect(() => subscribeToGivenFiles(add), []);
  const hasUnsent = files.length > 0;
  // What was chosen and not sent is kept nowhere.
  useEffect(() => (hasUnsent ? keepBeforeReload(() => 'busy') : undefined), [hasUnsent]);
  const pick = (kind: 'media' | 'camera' | 'any') => void pickFiles(kind).then(add).catch(onFailure);
  return (
    <>
      <Pressable
        role="button"
        aria-label="Attach"
        aria-haspopup="menu"
        onPress={(event: GestureResponderEvent) => setAnchor(anchorOf(event))}
        style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.button, pressed || hovered ? styles.lit : null]}
        testID="composer-attach"
      >
        <Icon name="paperclip" size={22} color="accent" />
      </Pressable>
      {anchor ? (
        <Menu
          anchor={anchor}
          onClose={() => setAnchor(null)}
          options={[
            { label: 'Photo or video', icon: 'image', testID: 'attach-media', onPress: () => pick('media') },
            ...(hasCamera() ? [{ label: 'Camera', icon: 'camera' as const, testID: 'attach-camera', onPress: () => pick('camera') }] : []),
            { label: 'File', icon: 'file', testID: 'attach-file', onPress: () => pick('any') },
          ]}
        />
      ) : null}
      {files.length > 0 ? (
        <AttachSheet
          files={files}
          peerName={peerName}
          onMove={(from, to) => setFiles((chosen) => withMoved(chosen, from, to))}
          onRemove={(index) => setFiles((chosen) => chosen.filter((_, place) => place !== index))}
          onSend={(outgoing, caption) => {
            setFiles([]);
            onSend(outgoing, caption);
          }}
          onClose={() => setFiles([])}
        />
      ) : null}
    </>
  );
}

/** As many as the server takes with one message. */
const MOST = 10;

const useStyles = createStyles((colors) => ({
  button: { width: TOUCH_TARGET, height: TOUCH_TARGET, borderRadius: RADIUS.round, alignItems: 'center', justifyContent: 'center' },
  lit: { backgroundColor: colors.hover },
}));
