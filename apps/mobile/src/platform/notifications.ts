import * as Notifications from 'expo-notifications';
import { Platform } from 'react-native';
import type { NotificationsPort, PushPermission } from './notifications-port.ts';
import { announced } from './phone-notices.ts';

export type { NotificationsPort, PushAddress, PushPermission } from './notifications-port.ts';

/** Android groups notifications by channels, which the person sets up; the server names this one. */
const CHANNEL = 'messages';

// In the foreground the app itself shows what arrives; the badge is set by `showUnread`.
Notifications.setNotificationHandler({
  handleNotification: async () => ({ shouldShowBanner: false, shouldShowList: false, shouldPlaySound: false, shouldSetBadge: false }),
});

/** Notifications of a phone, straight from Apple's or Google's service. */
export const notifications: NotificationsPort = {
  permission: async () => permissionOf(await Notifications.getPermissionsAsync()),
  async ask() {
    // Before the question: without a channel Android 13 does not ask.
    if (Platform.OS === 'android') await Notifications.setNotificationChannelAsync(CHANNEL, { name: 'Messages', importance: Notifications.AndroidImportance.HIGH });
    return permissionOf(await Notifications.requestPermissionsAsync({ ios: { allowAlert: true, allowBadge: true, allowSound: true } }));
  },
  async openAddress() {
    const { type, data } = await Notifications.getDevicePushTokenAsync();
    if (typeof data !== 'string' || (type !== 'ios' && type !== 'android')) return null;
    return { platform: type, token: data };
  },
  closeAddress: () => Notifications.unregisterForNotificationsAsync(),
  async clear(isOver) {
    for (const shown of await Notifications.getPresentedNotificationsAsync()) {
      const of = announced(shown);
      if (of && isOver(of.conversationId, of.seq)) await Notifications.dismissNotificationAsync(shown.request.identifier);
    }
  },
  showUnread(count) {
    // Some launchers of Android have no badges.
    Notifications.setBadgeCountAsync(count).catch(() => undefined);
  },
  subscribeToChosen(listener) {
    const choose = (response: Notifications.NotificationResponse | null) => {
      const of = response && announced(response.notification);
      if (of) listener(of.conversationId);
    };
    choose(Notifications.getLastNotificationResponse());
    // Told once: the app that is started again without a notification opens as it was left.
    Notifications.clearLastNotificationResponse();
    const subscription = Notifications.addNotificationResponseReceivedListener(choose);
    return () => subscription.remove();
  },
};

function permissionOf({ granted, canAskAgain }: { granted: boolean; canAskAgain: boolean }): PushPermission {
  if (granted) return 'granted';
  return canAskAgain ? 'undecided' : 'denied';
}
