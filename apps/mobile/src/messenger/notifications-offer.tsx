import { useAppSelector } from '../state/store.ts';
import { NoticeLine } from '../ui/notice-line.tsx';
import { useAppNotifications } from './messenger-provider.tsx';

/**
 * Offers notifications once, after the first message the person wrote: then they
 * know what for, and the platform's own question comes with their press.
 */
export function NotificationsOffer() {
  const notifications = useAppNotifications();
  const isDue = useAppSelector(({ ui, notifications: { permission, isOfferDue } }) => isOfferDue && ui.pushes === 'undecided' && (permission === 'undecided' || permission === 'granted'));
  if (!isDue) return null;
  return (
    <NoticeLine
      text="Be told when somebody writes"
      action={{ label: 'Turn on', onPress: () => void notifications.turnOn() }}
      otherwise={{ label: 'Not now', onPress: () => void notifications.turnOff() }}
      testID="notifications-offer"
    />
  );
}
