import type { OutgoingFile } from '@couplet/client';
import { useState } from 'react';
import { ScrollView } from 'react-native';
import { createStyles } from '../../ui/theme.tsx';
import { ChosenFile } from './chosen-file.tsx';
import { placeAfter } from './moved-place.ts';

export interface ChosenFilesProps {
  files: readonly OutgoingFile[];
  outgoing: (file: OutgoingFile) => OutgoingFile | null;
  onMove: (from: number, to: number) => void;
  onRemove: (index: number) => void;
}

/** What is about to be sent, in the order in which it will be shown. */
export function ChosenFiles({ files, outgoing, onMove, onRemove }: ChosenFilesProps) {
  const styles = useStyles();
  /** The row that is dragged, how far, and how high a row is. */
  const [drag, setDrag] = useState<{ from: number; distance: number; pitch: number } | null>(null);
  const to = drag && placeAfter(drag.from, drag.distance, drag.pitch, files.length);
  return (
    <ScrollView style={styles.files}>
      {files.map((file, index) => (
        <ChosenFile
          key={keyOf(file)}
          file={file}
          outgoing={outgoing(file)}
          index={index}
          count={files.length}
          isTaken={drag?.from === index}
          offset={drag === null || to === null ? 0 : drag.from === index ? drag.distance : shiftOf(index, drag.from, to) * drag.pitch}
          onDrag={(distance, pitch) => setDrag({ from: index, distance, pitch })}
          onDrop={(distance, pitch) => {
            setDrag(null);
            // From where the finger was last: what was drawn may be a move behind.
            const place = placeAfter(index, distance, pitch, files.length);
            if (place !== index) onMove(index, place);
          }}
          onMove={(place) => onMove(index, place)}
          onRemove={() => onRemove(index)}
        />
      ))}
    </ScrollView>
  );
}

/** Those between where it came from and where it would go make room, by one row. */
function shiftOf(index: number, from: number, to: number): -1 | 0 | 1 {
  if (index > from && index <= to) return -1;
  return index < from && index >= to ? 1 : 0;
}

/** A file is the same one at another place. */
const keys = new WeakMap<OutgoingFile, string>();
let named = 0;

function keyOf(file: OutgoingFile): string {
  const known = keys.get(file);
  if (known !== undefined) return known;
  named += 1;
  keys.set(file, String(named));
  return String(named);
}

const useStyles = createStyles(() => ({ files: { flexGrow: 0, flexShrink: 1 } }));
