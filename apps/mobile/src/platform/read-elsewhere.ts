import * as Notifications from 'expo-notifications';
import { defineTask } from 'expo-task-manager';
import { coveredBy } from './phone-notices.ts';

const TASK = 'read-elsewhere';

// The system runs it for the silent push, also in an app that it starts for that. No badge is set: on iOS the
// push brought it, and on Android zero takes every notification away, what came after the reading as well.
defineTask<Notifications.NotificationTaskPayload>(TASK, async ({ data }) => {
  const covered = coveredBy(data, await Notifications.getPresentedNotificationsAsync());
  await Promise.all(covered.map((identifier) => Notifications.dismissNotificationAsync(identifier)));
  return Notifications.BackgroundNotificationTaskResult.NoData;
});

// Refused in an app that was built without background notifications: there they go when it is opened.
Notifications.registerTaskAsync(TASK).catch(() => undefined);
