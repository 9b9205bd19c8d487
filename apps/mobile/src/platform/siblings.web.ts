import type { Report, SiblingsPort } from '@couplet/client';

/** The other tabs of this browser on the same deployment. */
export function createSiblings(serverUrl: string, report: Report): SiblingsPort {
  const name = `couplet ${new URL(serverUrl).host}`;
  // As long as the page lives: a channel costs nothing while nobody speaks.
  const channel = new BroadcastChannel(name);
  return {
    tell: (note) => channel.postMessage(note),
    subscribe(listener) {
      const onMessage = (event: MessageEvent<unknown>) => listener(event.data);
      channel.addEventListener('message', onMessage);
      return () => channel.removeEventListener('message', onMessage);
    },
    lead(elected) {
      // Browsers keep locks from pages that came without TLS, but for localhost.
      // There each tab leads: a message sent by two is still stored once.
      if (!('locks' in navigator)) {
        elected();
        return () => undefined;
      }
      const aborter = new AbortController();
      let resign = () => aborter.abort();
      const lead = () =>
        new Promise<void>((resolve) => {
          // Given in the same moment in which it was given up.
          if (aborter.signal.aborted) return resolve();
          resign = resolve;
          elected();
        });
      navigator.locks.request(name, { signal: aborter.signal }, lead).catch((error: unknown) => {
        if (!aborter.signal.aborted) report('leading tab', error);
      });
      return () => resign();
    },
  };
}
