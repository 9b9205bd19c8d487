import { clock } from '../clock.ts';
import { subscribeToShortcut } from '../shortcuts.ts';
import { WayBack } from './way-back.ts';

/** As long as the page lives. */
const wayBack = new WayBack(window.history, clock);
// Before the router, which then hears nothing of it.
window.addEventListener('popstate', (event) => (wayBack.moved() ? event.stopImmediatePropagation() : undefined), true);

let layers = 0;
let unsubscribeFromEscape = () => {};

/** Asks what lies over the page to go: Escape, or the browser's way back. Of several layers the one that was opened last is asked. */
export function subscribeToDismissal(onAsked: () => void, isPart = false): () => void {
  const closed = wayBack.open(onAsked, isPart);
  // Sooner than React Native's modal, which listens only once it has faded in.
  if (layers === 0) unsubscribeFromEscape = subscribeToShortcut('escape', () => wayBack.closeLast(), true);
  layers += 1;
  return () => {
    closed();
    layers -= 1;
    if (layers === 0) unsubscribeFromEscape();
  };
}
