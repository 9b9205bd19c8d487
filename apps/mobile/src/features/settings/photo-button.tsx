import type { OutgoingFile } from '@couplet/client';
import type { Viewer } from '@couplet/protocol';
import { useMutation } from '@tanstack/react-query';
import { useFocusEffect } from 'expo-router';
import { useCallback, useState } from 'react';
import { type GestureResponderEvent, Pressable, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { hasCamera, pickFiles, subscribeToGivenFiles } from '../../platform/files.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { anchorOf, Menu, type MenuAnchor, type MenuOption } from '../../ui/menu.tsx';
import { PhotoViewer } from '../../ui/photo-viewer.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS } from '../../ui/tokens.ts';
import type { PictureSize } from './photo-crop.ts';
import { PhotoDialog } from './photo-dialog.tsx';

type Open = { type: 'menu'; anchor: MenuAnchor } | { type: 'viewer' } | { type: 'dialog'; file: OutgoingFile; picture: PictureSize } | null;

const SIZE = 88;

/** The viewer's photo, and what can be done with it. On the web a picture is also dropped or pasted here. */
export function PhotoButton({ viewer, onFailure }: { viewer: Viewer; onFailure: (words: string | null) => void }) {
  const styles = useStyles();
  const messenger = useMessenger();
  const [open, setOpen] = useState<Open>(null);
  const remove = useMutation({ mutationFn: () => messenger.session.setPhoto(null), onMutate: () => onFailure(null), onError: (error) => onFailure(errorText(error)) });

  const take = useCallback((files: readonly OutgoingFile[]) => {
    const [file] = files;
    if (!file) return;
    const { width, height } = file;
    const isPicture = file.mime.startsWith('image/') && width !== undefined && height !== undefined;
    onFailure(isPicture ? null : 'This picture cannot be opened here. Choose a photo in another format.');
    if (isPicture) setOpen({ type: 'dialog', file, picture: { width, height } });
  }, [onFailure]);
  useFocusEffect(useCallback(() => subscribeToGivenFiles(take), [take]));
  const pick = (kind: 'photo' | 'portrait') => void pickFiles(kind).then(take, (error: unknown) => onFailure(errorText(error)));

  const { avatarUrl } = viewer;
  const ways: MenuOption[] = [{ label: avatarUrl ? 'Choose another' : 'Choose a photo', icon: 'image', testID: 'photo-choose', onPress: () => pick('photo') }];
  if (hasCamera()) ways.push({ label: 'Take a photo', icon: 'camera', testID: 'photo-take', onPress: () => pick('portrait') });
  const close = () => setOpen(null);
  return (
    <View>
      <Pressable
        role="button"
        aria-label={avatarUrl ? 'Your photo' : 'Add a photo'}
        aria-haspopup="menu"
        onPress={(event: GestureResponderEvent) => (avatarUrl || ways.length > 1 ? setOpen({ type: 'menu', anchor: anchorOf(event) }) : pick('photo'))}
        style={({ pressed, hovered }: { pressed: boolean; hovered?: boolean }) => [styles.button, pressed || hovered ? styles.lit : null]}
        testID="settings-photo"
      >
        <Avatar userId={viewer.id} name={viewer.name} imageUrl={avatarUrl} fullImageUrl={viewer.avatarFullUrl} size={SIZE} />
        <View style={styles.badge}>
          <Icon name="camera" size={15} color="onAccent" />
        </View>
      </Pressable>
      {open?.type === 'menu' ? (
        <Menu
          anchor={open.anchor}
          onClose={close}
          options={
            avatarUrl
              ? [
                  { label: 'View photo', icon: 'maximize-2', testID: 'photo-view', onPress: () => setOpen({ type: 'viewer' }) },
                  ...ways,
                  { label: 'Remove photo', icon: 'trash-2', danger: true, testID: 'photo-remove', onPress: () => remove.mutate() },
                ]
              : ways
          }
        />
      ) : null}
      {open?.type === 'viewer' && avatarUrl ? <PhotoViewer name={viewer.name} url={avatarUrl} fullUrl={viewer.avatarFullUrl} onClose={close} /> : null}
      {open?.type === 'dialog' ? <PhotoDialog file={open.file} picture={open.picture} onClose={close} /> : null}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  button: { width: SIZE, height: SIZE, borderRadius: RADIUS.round },
  lit: { opacity: 0.85 },
  badge: { position: 'absolute', end: -2, bottom: -2, width: 30, height: 30, borderRadius: RADIUS.round, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.accentFill, borderWidth: 2, borderColor: colors.surface },
}));
