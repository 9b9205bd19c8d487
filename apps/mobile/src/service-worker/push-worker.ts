import { openChosen, type PushScope, receivePush } from './push-events.ts';

// The part of the service worker that is ours; the build puts it behind the one that keeps the app's files.
const scope = globalThis as unknown as PushScope & EventTarget;

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

scope.addEventListener('push', (event) => {
  const { data, waitUntil } = event as WorkerEvent & { data: { text(): string } | null };
  waitUntil.call(event, receivePush(scope, parseJson(data?.text() ?? '')));
});

scope.addEventListener('notificationclick', (event) => {
  const { notification, waitUntil } = event as WorkerEvent & { notification: Notification };
  waitUntil.call(event, openChosen(scope, notification));
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
