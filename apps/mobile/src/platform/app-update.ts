/** Phones get new versions from their store. */
export const CAN_RELOAD = false;

export function startAppUpdates(): void {}

export function lookForNewVersion(): void {}

export function isNewVersionThere(): boolean {
  return false;
}

export function subscribeToNewVersion(_listener: () => void): () => void {
  return () => undefined;
}

export async function reloadToNewVersion(): Promise<void> {}

/** What is kept before the app is reloaded: nothing reloads it here. */
export function keepBeforeReload(_keep: () => Promise<void> | 'busy'): () => void {
  return () => undefined;
}
