import { useEffect, useState } from 'react';
import { Modal, View } from 'react-native';
import { GestureHandlerRootView } from 'react-native-gesture-handler';
import Animated, { useAnimatedStyle, useSharedValue } from 'react-native-reanimated';
import type { GalleryEntry } from '../../data/use-gallery.ts';
import { subscribeToShortcut } from '../../platform/shortcuts.ts';
import { createStyles } from '../../ui/theme.tsx';
import { useDismissal } from '../../ui/use-dismissal.ts';
import { MediaBar } from './media-bar.tsx';
import { MediaCaption } from './media-caption.tsx';
import { MediaPager } from './media-pager.tsx';

export interface MediaViewerProps {
  entries: readonly GalleryEntry[];
  index: number;
  anchorIndex: number;
  senderName: string;
  onTurn: (step: -1 | 1) => void;
  onClose: () => void;
}

/** Points after which nothing is left of the ground behind a picture that is dragged away. */
const GONE_AT = 420;

/** A conversation's pictures and videos over the whole screen. */
export function MediaViewer({ entries, index, anchorIndex, senderName, onTurn, onClose }: MediaViewerProps) {
  const styles = useStyles();
  const dragged = useSharedValue(0);
  const [hasControls, setHasControls] = useState(true);
  useDismissal(onClose);
  useEffect(() => {
    const previous = subscribeToShortcut('arrow-left', () => onTurn(-1), true);
    const next = subscribeToShortcut('arrow-right', () => onTurn(1), true);
    return () => {
      previous();
      next();
    };
  }, [onTurn]);
  const groundStyle = useAnimatedStyle(() => ({ opacity: 1 - Math.min(1, Math.abs(dragged.get()) / GONE_AT) }));
  const entry = entries[index];
  if (!entry) return null;
  return (
    <Modal transparent animationType="fade" statusBarTranslucent navigationBarTranslucent onRequestClose={onClose}>
      <GestureHandlerRootView style={styles.screen}>
        <View style={styles.screen} role="dialog" aria-modal aria-label={`${entry.attachment.name}, from ${senderName}`} testID="media-viewer">
          <Animated.View style={[styles.ground, groundStyle]} />
          <MediaPager entries={entries} index={index} anchorIndex={anchorIndex} onTurn={onTurn} onTap={() => setHasControls((shown) => !shown)} onClose={onClose} dragged={dragged} />
          {hasControls ? <MediaBar key={entry.attachment.id} entry={entry} senderName={senderName} onClose={onClose} /> : null}
          {hasControls ? (
            <MediaCaption entry={entry} hasPrevious={index > 0} hasNext={index < entries.length - 1} onTurn={onTurn} isVideo={entry.attachment.type === 'video'} />
          ) : null}
        </View>
      </GestureHandlerRootView>
    </Modal>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1 },
  ground: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0, backgroundColor: colors.mediaGround },
}));
