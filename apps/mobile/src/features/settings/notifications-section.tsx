import { useState } from 'react';
import { useAppNotifications } from '../../messenger/messenger-provider.tsx';
import { useAppSelector } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { Section } from '../../ui/section.tsx';

/** Whether this device is woken when somebody writes, and what can be done about it. */
export function NotificationsSection() {
  const notifications = useAppNotifications();
  const { permission, isRegistered } = useAppSelector((state) => state.notifications);
  const isOn = useAppSelector((state) => state.ui.pushes === 'on') && permission === 'granted';
  const [isBusy, setIsBusy] = useState(false);
  const change = () => {
    setIsBusy(true);
    void (isOn ? notifications.turnOff() : notifications.turnOn()).finally(() => setIsBusy(false));
  };
  const canChange = permission === 'undecided' || permission === 'granted';
  return (
    <Section title="Notifications">
      <ListRow
        icon={isOn ? 'bell' : 'bell-off'}
        title={isOn ? 'On for this device' : 'Off for this device'}
        detail={isOn ? (isRegistered ? 'You are told when somebody writes and no device of yours has it.' : 'Waiting for the server.') : WHY_OFF[permission]}
        trailing={canChange ? <Button kind={isOn ? 'plain' : 'primary'} label={isOn ? 'Turn off' : 'Turn on'} busy={isBusy} onPress={change} testID="settings-notifications-toggle" /> : null}
        testID="settings-notifications"
      />
    </Section>
  );
}

const WHY_OFF = {
  unsupported: 'This browser cannot show them here. On an iPhone, add the app to the home screen first.',
  undecided: 'You are not told when somebody writes while the app is closed.',
  granted: 'You are not told when somebody writes while the app is closed.',
  denied: 'You refused them once. Allow notifications of this app in the settings of your browser or phone.',
} as const;
