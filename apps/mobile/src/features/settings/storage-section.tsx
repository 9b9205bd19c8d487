import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { queryKeys } from '../../data/query-keys.ts';
import { deviceMedia } from '../../platform/media-cache/device-media.ts';
import { useAppDispatch, useAppSelector } from '../../state/store.ts';
import { MEDIA_BOUNDS, mediaBoundChosen } from '../../state/ui-slice.ts';
import { formatBytes } from '../../ui/format-size.ts';
import { Button } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';

const BOUNDS = MEDIA_BOUNDS.map((bytes) => ({ value: String(bytes), label: formatBytes(bytes).replace('.0 ', ' ') }));

/** How much of the device the pictures that were seen take, and may take. */
export function StorageSection() {
  const dispatch = useAppDispatch();
  const boundBytes = useAppSelector((state) => state.ui.mediaBoundBytes);
  const usage = useQuery({ queryKey: queryKeys.mediaUsage, queryFn: () => deviceMedia.usedBytes(), staleTime: 0 });
  const { refetch } = usage;
  useEffect(() => deviceMedia.subscribeToUsage(() => void refetch()), [refetch]);
  const clear = useMutation({ mutationFn: () => deviceMedia.clear() });
  const used = usage.data ?? 0;
  const words = `${formatBytes(used)} of ${formatBytes(boundBytes)}`;
  return (
    <Section title="Storage">
      <View style={{ padding: SPACE.l, gap: SPACE.m }}>
        <View style={{ flexDirection: 'row', justifyContent: 'space-between', gap: SPACE.m }}>
          <Text weight="500">Pictures on this device</Text>
          <Text color="textSecondary" testID="settings-storage-used">
            {usage.isError ? 'Not known' : words}
          </Text>
        </View>
        <ProgressBar label={`Pictures on this device, ${words}`} value={used / boundBytes} />
        <Segmented
          label="At most"
          value={String(boundBytes)}
          choices={BOUNDS}
          onChange={(value) => {
            dispatch(mediaBoundChosen(Number(value)));
            deviceMedia.setBound(Number(value));
          }}
          testID="settings-storage-bound"
        />
        <Text size="small" color="textSecondary">
          What you have seen stays here to be seen without a network. When it is full, what you looked at longest ago makes room.
        </Text>
        <Button label="Clear pictures" kind="plain" busy={clear.isPending} disabled={used === 0} onPress={() => clear.mutate()} testID="settings-storage-clear" />
        {clear.isError ? (
          <Text size="small" color="danger" role="alert">
            {errorText(clear.error)}
          </Text>
        ) : null}
      </View>
    </Section>
  );
}
