import type { ClockPort, ConnectionState, Messenger } from '@couplet/client';

export interface ScreensToLoad {
  /** What the next tap most likely opens: not kept waiting by anything that comes in. */
  next: () => Promise<unknown>;
  others: readonly (() => Promise<unknown>)[];
}

/** After the first screen has had the processor and the network to itself. */
const QUIET_MS = 800;

/**
 * Loads the screens that were split off the first load, so that they are there
 * before they are asked for. One after another, and none of the others while the
 * device catches up: what begins to run is as much as a tap has to wait for, and a
 * catch-up is at its own work then. Without a network the files are on the device
 * already (tools/offline-web.mjs). The returned function ends it.
 */
export function loadScreens(messenger: Pick<Messenger, 'connection' | 'subscribe'>, clock: ClockPort, { next, others }: ScreensToLoad): () => void {
  let isOver = false;
  let stopWaiting: () => void = () => undefined;

  function untilCalm(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (isCatchingUp(messenger.connection.state())) return;
        stopWaiting();
        resolve();
      };
      stopWaiting = messenger.subscribe((event) => {
        if (event.type === 'connection-changed') look();
      });
      look();
    });
  }

  async function loadEach(): Promise<void> {
    // What fails now is asked for again when it is opened.
    await next().catch(() => undefined);
    for (const load of others) {
      await untilCalm();
      if (isOver) return;
      await load().catch(() => undefined);
    }
  }
  const cancelTimer = clock.schedule(QUIET_MS, () => void loadEach());
  return () => {
    isOver = true;
    cancelTimer();
    stopWaiting();
  };
}

/** Also while it is on its way to the server, for that is what comes then. */
function isCatchingUp(state: ConnectionState): boolean {
  return state.status === 'connecting' || (state.status === 'online' && state.phase === 'backfill');
}
