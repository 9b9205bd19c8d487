declare const setImmediate: (task: () => void) => unknown;

/**
 * A barrier, not a sleep: everything that needs no timer and no network has run.
 * The in-memory ports answer within microtasks, and the queue of those is empty
 * before the next turn of the event loop.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
