/**
 * The finger that is down now presses nothing by lifting: the browser would take
 * that for a tap on what came under it meanwhile. Answers the function that ends
 * this; it ends by itself with the finger, or with the next one.
 */
export function ignoreRelease(): () => void {
  const end = () => {
    for (const [type, listener] of listeners) document.removeEventListener(type, listener, true);
  };
  const listeners = [
    // Prevented, it is followed by no click.
    ['touchend', (event: Event) => (event.preventDefault(), end())],
    ['touchstart', end],
    ['touchcancel', end],
  ] as const;
  for (const [type, listener] of listeners) document.addEventListener(type, listener, { capture: true, passive: false });
  return end;
}
