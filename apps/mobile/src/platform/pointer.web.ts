/** Whether a mouse or trackpad with hover is the main way of pointing, and a real keyboard is likely. */
export function hasFinePointer(): boolean {
  return FINE.matches;
}

const FINE = window.matchMedia('(hover: hover) and (pointer: fine)');
