import { View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import type { GalleryEntry } from '../../data/use-gallery.ts';
import type { DownloadState } from '../../data/file-downloads.ts';
import { useFileActions } from '../../data/use-file-actions.ts';
import { formatMoment } from '../../ui/format-time.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

/** Who sent it and when, and what can be done with it. */
export function MediaBar({ entry, senderName, onClose }: { entry: GalleryEntry; senderName: string; onClose: () => void }) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const now = useNow(MINUTE_MS);
  const { state, save, share, sharesNext } = useFileActions(entry.attachment);
  return (
    <View style={[styles.bar, { paddingTop: insets.top + SPACE.xs }]}>
      <IconButton icon="x" label="Close" color="onMedia" onPress={onClose} testID="media-close" />
      <View style={styles.words}>
        <Text weight="600" color="onMedia" numberOfLines={1} testID="media-sender">
          {senderName}
        </Text>
        <Text size="caption" color="onMedia" numberOfLines={1} aria-live="polite" testID="media-state">
          {stateWords(state, sharesNext) ?? formatMoment(Date.parse(entry.message.createdAt), now)}
        </Text>
      </View>
      {share ? <IconButton icon="share" label="Share" color="onMedia" onPress={share} testID="media-share" /> : null}
      {save ? <IconButton icon="download" label="Save" color="onMedia" onPress={save} testID="media-save" /> : null}
    </View>
  );
}

/** What became of the press on save or share; `null` when there is nothing to say. */
function stateWords(state: DownloadState, sharesNext: boolean): string | null {
  switch (state.status) {
    case 'loading':
      return state.progress === null ? 'Loading' : `Loading, ${Math.floor(state.progress * 100)} %`;
    case 'failed':
      return 'It could not be loaded. Try again';
    case 'here':
      return sharesNext ? 'It is here now. Press Share again' : null;
    case 'none':
      return null;
  }
}

const useStyles = createStyles((colors) => ({
  bar: { position: 'absolute', top: 0, left: 0, right: 0, flexDirection: 'row', alignItems: 'center', gap: SPACE.s, paddingHorizontal: SPACE.s, paddingBottom: SPACE.xs, backgroundColor: colors.mediaShade },
  words: { flex: 1, minWidth: 0 },
}));
