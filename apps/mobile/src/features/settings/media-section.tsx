import { View } from 'react-native';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { useAppDispatch, useAppSelector } from '../../state/store.ts';
import { meteredWaitChosen, photoQualityChosen } from '../../state/ui-slice.ts';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';

const QUALITIES = [
  { value: 'standard', label: 'Standard' },
  { value: 'original', label: 'Original' },
] as const;

const METERED = [
  { value: 'always', label: 'Always' },
  { value: 'wait', label: 'Wi-Fi only' },
] as const;

/** How photos and files are sent, and over which connections. */
export function MediaSection() {
  const messenger = useMessenger();
  const dispatch = useAppDispatch();
  const quality = useAppSelector((state) => state.ui.photoQuality);
  const waits = useAppSelector((state) => state.ui.waitsWhileMetered);
  return (
    <Section title="Photos and files">
      <View style={{ padding: SPACE.l, gap: SPACE.s }}>
        <Text weight="500">Quality of photos you send</Text>
        <Segmented label="Quality of photos you send" value={quality} choices={QUALITIES} onChange={(value) => dispatch(photoQualityChosen(value))} testID="settings-quality" />
        <Text size="small" color="textSecondary">
          {quality === 'standard' ? 'Large photos are made smaller before they go out.' : 'Photos go out as they are. That takes longer.'}
        </Text>
      </View>
      <View style={{ padding: SPACE.l, gap: SPACE.s }}>
        <Text weight="500">Send and load files on mobile data</Text>
        <Segmented
          label="Send and load files on mobile data"
          value={waits ? 'wait' : 'always'}
          choices={METERED}
          onChange={(value) => {
            dispatch(meteredWaitChosen(value === 'wait'));
            messenger.uploads.waitWhileMetered(value === 'wait');
          }}
          testID="settings-metered"
        />
        <Text size="small" color="textSecondary">
          {waits ? 'On mobile data files wait, and pictures show small until you open them. Words always go out.' : 'Files go out over any connection.'}
        </Text>
      </View>
    </Section>
  );
}
