import type { ReactNode } from 'react';
import { Pressable, type PressableProps, View } from 'react-native';
import { formatBytes } from './format-size.ts';
import { Icon, type IconName } from './icon.tsx';
import { Text } from './text.tsx';
import { createStyles } from './theme.tsx';
import { SPACE, TOUCH_TARGET } from './tokens.ts';

/** `file.open` is `null` where nothing on this device shows it. */
export type FileDownload = { status: 'none' | 'failed' } | { status: 'loading'; progress: number | null } | { status: 'here'; file: { open: unknown } };

export interface FileCardProps {
  name: string;
  mime: string;
  sizeBytes: number;
  /** On the colour of one's own bubbles. */
  isMine: boolean;
  /** How far it is on its way to this device; left out for what is being sent. */
  download?: FileDownload;
  onPress?: () => void;
  longPress?: Pick<PressableProps, 'onLongPress' | 'delayLongPress'>;
  /** In place of the size: how far it is on its way out. */
  state?: ReactNode;
  testID?: string;
}

/** A file by its name, kind and size. */
export function FileCard({ name, mime, sizeBytes, isMine, download, onPress, longPress, state, testID }: FileCardProps) {
  const styles = useStyles();
  const ink = isMine ? 'bubbleMineText' : 'text';
  const faint = isMine ? 'bubbleMineFaint' : 'textSecondary';
  const { icon, action, words } = faceOf(download, sizeBytes);
  const label = `File ${name}, ${formatBytes(sizeBytes)}`;
  return (
    <Pressable role={onPress ? 'button' : undefined} aria-label={action === null ? label : `${label}. ${action}`} disabled={!onPress} onPress={onPress} {...longPress} style={styles.card} testID={testID}>
      <View style={[styles.sign, isMine ? styles.mine : styles.peers]}>
        <Icon name={icon} size={20} color={ink} />
      </View>
      <View style={styles.words}>
        <Text weight="500" color={ink} numberOfLines={1}>
          {name}
        </Text>
        {state ?? (
          <Text size="caption" color={faint} numberOfLines={1}>
            {words ?? `${kindOf(name, mime)} · ${formatBytes(sizeBytes)}`}
          </Text>
        )}
      </View>
    </Pressable>
  );
}

function faceOf(download: FileDownload | undefined, sizeBytes: number): { icon: IconName; action: string | null; words: string | null } {
  switch (download?.status) {
    case undefined:
      return { icon: 'file', action: null, words: null };
    case 'none':
      return { icon: 'download', action: 'Download', words: null };
    case 'loading':
      return { icon: 'x', action: 'Stop the download', words: download.progress === null ? 'Loading' : `${Math.floor(download.progress * 100)} % of ${formatBytes(sizeBytes)}` };
    case 'failed':
      return { icon: 'rotate-cw', action: 'Try again', words: 'Not loaded. Try again' };
    case 'here':
      return download.file.open === null ? { icon: 'download', action: 'Save again', words: null } : { icon: 'file-text', action: 'Open', words: null };
  }
}

/** What people call it: the ending of its name. */
function kindOf(name: string, mime: string): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1];
  return (ending ?? mime.split('/')[1] ?? 'file').toUpperCase();
}

const useStyles = createStyles((colors) => ({
  card: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, minHeight: TOUCH_TARGET, minWidth: 200, maxWidth: 280 },
  sign: { width: 40, height: 40, borderRadius: 20, alignItems: 'center', justifyContent: 'center' },
  mine: { backgroundColor: colors.bubbleMineQuote },
  peers: { backgroundColor: colors.bubblePeerQuote },
  words: { flex: 1, minWidth: 0 },
}));
