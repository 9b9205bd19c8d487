import type { ReactNode } from 'react';
import { Pressable, View } from 'react-native';
import { Icon } from '../../ui/icon.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import { formatBytes } from './media-size.ts';

export interface FileCardProps {
  name: string;
  mime: string;
  sizeBytes: number;
  isMine: boolean;
  onPress?: () => void;
  /** In place of the size: how far it is. */
  state?: ReactNode;
  testID?: string;
}

/** A file by its name, kind and size; pressed, it is saved. */
export function FileCard({ name, mime, sizeBytes, isMine, onPress, state, testID }: FileCardProps) {
  const styles = useStyles();
  const ink = isMine ? 'bubbleMineText' : 'text';
  const faint = isMine ? 'bubbleMineFaint' : 'textSecondary';
  return (
    <Pressable role={onPress ? 'button' : undefined} aria-label={`File ${name}, ${formatBytes(sizeBytes)}`} disabled={!onPress} onPress={onPress} style={styles.card} testID={testID}>
      <Icon name={onPress ? 'download' : 'file'} size={22} color={ink} />
      <View style={styles.words}>
        <Text weight="500" color={ink} numberOfLines={1}>
          {name}
        </Text>
        {state ?? (
          <Text size="caption" color={faint} numberOfLines={1}>
            {`${kindOf(name, mime)} · ${formatBytes(sizeBytes)}`}
          </Text>
        )}
      </View>
    </Pressable>
  );
}

/** What people call it: the ending of its name. */
function kindOf(name: string, mime: string): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1];
  return (ending ?? mime.split('/')[1] ?? 'file').toUpperCase();
}

const useStyles = createStyles(() => ({
  card: { flexDirection: 'row', alignItems: 'center', gap: SPACE.m, minHeight: TOUCH_TARGET, minWidth: 200, maxWidth: 280 },
  words: { flexShrink: 1, minWidth: 0 },
}));
