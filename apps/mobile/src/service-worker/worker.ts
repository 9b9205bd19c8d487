import { openChosen, type PushScope, receivePush } from './push-events.ts';

// The part of the service worker that is ours; the build puts it behind the one that keeps the app's files.
const scope = globalThis as unknown as PushScope & EventTarget;

/** The first parts of the paths that are the server's own. The build puts them here. */
declare const SERVER_PATHS: readonly string[];

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** In browsers that know it. Rules for requests of which the worker need not hear, and for which it need not be started. */
interface RoutableEvent extends WorkerEvent {
  addRoutes?(rules: { condition: { or: { urlPattern: { pathname: string } }[] }; source: 'network' }): Promise<void>;
}

scope.addEventListener('install', (event) => {
  // Not for speed alone: Chromium lets a new version in only once the old one is at rest. A request that reaches the
  // old one while it is being ended starts it again, and the new one then waits for minutes.
  const pathnames = SERVER_PATHS.map((path) => `/${path}{/*}?`);
  const rule = { condition: { or: pathnames.map((pathname) => ({ urlPattern: { pathname } })) }, source: 'network' as const };
  const { addRoutes, waitUntil } = event as RoutableEvent;
  // Without them it works as well, if a browser finds them wrong.
  if (addRoutes) waitUntil.call(event, addRoutes.call(event, rule).catch(() => undefined));
});

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
