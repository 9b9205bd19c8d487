import type { OutgoingFile } from '@couplet/client';
import { useEffect, useState } from 'react';
import { View } from 'react-native';
import { Picture } from '../../platform/picture.tsx';
import { previewOf } from '../../platform/preview-of.ts';
import { formatBytes } from '../../ui/format-size.ts';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { MoveGrip } from './move-grip.tsx';

export interface ChosenFileProps {
  file: OutgoingFile;
  /** As it will be sent; `null` while it is being made. */
  outgoing: OutgoingFile | null;
  index: number;
  count: number;
  /** It is being dragged. */
  isTaken: boolean;
  /** From its place, in points. */
  offset: number;
  /** `pitch`: from one row to the next, in points. */
  onDrag: (distance: number, pitch: number) => void;
  onDrop: (distance: number, pitch: number) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

/** A file that is about to be sent: what it is, how large, and its place among the others. */
export function ChosenFile({ file, outgoing, index, count, isTaken, offset, onDrag, onDrop, onMove, onRemove }: ChosenFileProps) {
  const styles = useStyles();
  const [preview] = useState(() => (file.mime.startsWith('image/') ? previewOf(file.source) : file.poster === undefined ? null : { url: `data:image/jpeg;base64,${file.poster}`, release: () => undefined }));
  useEffect(() => () => preview?.release(), [preview]);
  const [height, setHeight] = useState(0);
  return (
    <View
      onLayout={({ nativeEvent }) => setHeight(nativeEvent.layout.height)}
      style={[styles.file, isTaken ? styles.taken : null, offset === 0 ? null : { transform: [{ translateY: offset }] }]}
      testID={`attach-file-${index + 1}`}
    >
      <View style={styles.thumb}>
        {preview ? <Picture uri={preview.url} fit="cover" style={styles.fill} /> : <Icon name={file.mime.startsWith('video/') ? 'video' : 'file'} />}
      </View>
      <View style={styles.words}>
        <Text numberOfLines={1}>{file.name}</Text>
        <Text size="caption" color="textSecondary" testID="attach-size">
          {outgoing === null || outgoing === file ? formatBytes(file.sizeBytes) : `${formatBytes(outgoing.sizeBytes)} instead of ${formatBytes(file.sizeBytes)}`}
        </Text>
      </View>
      {count > 1 ? <MoveGrip name={file.name} index={index} count={count} onDrag={(distance) => onDrag(distance, height)} onDrop={(distance) => onDrop(distance, height)} onMove={onMove} /> : null}
      <IconButton icon="x" label={`Leave out ${file.name}`} color="textSecondary" onPress={onRemove} />
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  file: { flexDirection: 'row', alignItems: 'center', paddingVertical: SPACE.xs, borderRadius: RADIUS.m, backgroundColor: colors.surface },
  taken: { zIndex: 1, boxShadow: `0 6px 18px ${colors.shadow}` },
  thumb: { width: 56, height: 56, borderRadius: RADIUS.m, overflow: 'hidden', alignItems: 'center', justifyContent: 'center', backgroundColor: colors.sunken },
  fill: { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 },
  words: { flex: 1, minWidth: 0, marginHorizontal: SPACE.m },
}));
