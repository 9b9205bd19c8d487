import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { useAppDispatch, useAppSelector } from '../../state/store.ts';
import { appearanceChosen } from '../../state/ui-slice.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { DiagnosticsSection } from './diagnostics-section.tsx';
import { NotificationsSection } from './notifications-section.tsx';
import { MediaSection } from './media-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { StorageSection } from './storage-section.tsx';

const APPEARANCES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

export function SettingsScreen() {
  const router = useRouter();
  const messenger = useMessenger();
  const dispatch = useAppDispatch();
  const appearance = useAppSelector((state) => state.ui.appearance);
  const viewer = useAppSelector((state) => state.auth.viewer);
  const [asksToLeave, setAsksToLeave] = useState(false);
  if (!viewer) return null;
  return (
    <Screen title="Settings" onBack={() => (router.canGoBack() ? router.back() : router.replace('/'))}>
      <ProfileSection viewer={viewer} />
      <Section title="Appearance">
        <View style={{ padding: SPACE.m }}>
          <Segmented label="Appearance" value={appearance} choices={APPEARANCES} onChange={(value) => dispatch(appearanceChosen(value))} testID="settings-appearance" />
        </View>
      </Section>
      <MediaSection />
      <StorageSection />
      <NotificationsSection />
      <SessionsSection />
      <DiagnosticsSection />
      <Section title="Account">
        <ListRow icon="log-out" title="Sign out" color="danger" onPress={() => setAsksToLeave(true)} testID="settings-sign-out" />
      </Section>
      {asksToLeave ? (
        <Dialog
          title="Sign out?"
          detail="Your messages stay on the server. What waits to be sent on this device is dropped."
          confirm={{ label: 'Sign out', danger: true, testID: 'confirm-sign-out', onPress: () => void messenger.session.logout() }}
          onClose={() => setAsksToLeave(false)}
        />
      ) : null}
    </Screen>
  );
}
