/** Keeps what was not kept yet, or says that the person is in the middle of something that cannot be. */
type Keep = () => Promise<void> | 'busy';

type Update =
  | { status: 'current' }
  /** Loaded, and waiting until no page runs on the former version any more. */
  | { status: 'waiting'; worker: ServiceWorker }
  /** Another tab let it in while this one was busy: what this page runs on is no longer kept for it. */
  | { status: 'replaced' };

export const CAN_RELOAD = true;

const listeners = new Set<() => void>();
const keepers = new Set<Keep>();
let update: Update = { status: 'current' };
let registration: ServiceWorkerRegistration | null = null;
let lookedAt = 0;

/** Lets the app open without a network from the next time on, and watches for new versions. Once per page. */
export function startAppUpdates(): void {
  // In development pages come fresh from Expo's server. Browsers keep workers from pages that came without TLS, but for localhost.
  if (__DEV__ || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let isControlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener('controllerchange', () => {
    // The first worker takes the page as it is; a later one brings another version.
    if (isControlled) void followOtherTab();
    isControlled = true;
  });
  // What the first screen needs comes first.
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}

function register(): void {
  navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(watch, () => {
    // No network, or a browser that lets no worker in: the app runs as it is.
  });
}

function watch(registered: ServiceWorkerRegistration): void {
  registration = registered;
  lookedAt = Date.now();
  offerWaiting();
  registered.addEventListener('updatefound', () => {
    registered.installing?.addEventListener('statechange', offerWaiting);
  });
}

function offerWaiting(): void {
  const worker = registration?.waiting;
  // Without a controller it is the first one, and about to take over by itself.
  if (worker && navigator.serviceWorker.controller && update.status === 'current') become({ status: 'waiting', worker });
}

/** Asks the server, seldom: the browser asks at each load anyway. */
export function lookForNewVersion(): void {
  if (registration === null || Date.now() - lookedAt < LOOK_AGAIN_MS) return;
  lookedAt = Date.now();
  registration.update().catch(() => undefined);
}

export function isNewVersionThere(): boolean {
  return update.status !== 'current';
}

export function subscribeToNewVersion(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Loads the new version, here and in the other tabs. Does nothing while the person is in the middle of something. */
export async function reloadToNewVersion(): Promise<void> {
  if ((await keepEverything()) === 'busy') return;
  // From `waiting` the worker's taking over reloads this page, as it does the others.
  if (update.status === 'waiting' && update.worker.state === 'installed') update.worker.postMessage({ type: 'SKIP_WAITING' });
  else window.location.reload();
}

async function followOtherTab(): Promise<void> {
  if ((await keepEverything()) === 'busy') become({ status: 'replaced' });
  else window.location.reload();
}

/** Called before the page is reloaded without the person having asked for it here. */
export function keepBeforeReload(keep: Keep): () => void {
  keepers.add(keep);
  return () => void keepers.delete(keep);
}

async function keepEverything(): Promise<'kept' | 'busy'> {
  const keeping: Promise<void>[] = [];
  for (const keep of keepers) {
    const outcome = keep();
    if (outcome === 'busy') return 'busy';
    keeping.push(outcome);
  }
  const patience = new Promise<void>((resolve) => setTimeout(resolve, KEEPING_MS));
  await Promise.race([Promise.allSettled(keeping), patience]);
  return 'kept';
}

function become(next: Update): void {
  update = next;
  for (const listener of listeners) listener();
}

/** A page that is open for days hears of a new version when the person comes back to it, or when the server was restarted. */
const LOOK_AGAIN_MS = 60_000;
/** Writing a draft takes milliseconds; a database that hangs must not hold the new version back for ever. */
const KEEPING_MS = 2_000;
