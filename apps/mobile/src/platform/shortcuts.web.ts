/** What is listened for: `mod` is ⌘ on Apple's machines, Ctrl elsewhere. */
export type Shortcut = 'mod+k' | 'escape' | 'arrow-left' | 'arrow-right' | 'zoom-in' | 'zoom-out';

/** @param liesOver asked before what is under it: the key is then not theirs any more */
export function subscribeToShortcut(shortcut: Shortcut, listener: () => void, liesOver = false): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || !matches(shortcut, event)) return;
    event.preventDefault();
    listener();
  };
  window.addEventListener('keydown', onKeyDown, liesOver);
  return () => window.removeEventListener('keydown', onKeyDown, liesOver);
}

function matches(shortcut: Shortcut, event: KeyboardEvent): boolean {
  switch (shortcut) {
    case 'mod+k':
      return (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k';
    case 'escape':
      return event.key === 'Escape';
    case 'arrow-left':
      return event.key === 'ArrowLeft';
    case 'arrow-right':
      return event.key === 'ArrowRight';
    case 'zoom-in':
      return event.key === '+' || event.key === '=';
    case 'zoom-out':
      return event.key === '-';
  }
}

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As the keys are named on this machine. */
export const SHORTCUT_LABELS: Record<Shortcut, string> = { 'mod+k': IS_APPLE ? '⌘ K' : 'Ctrl K', escape: 'Esc', 'arrow-left': '←', 'arrow-right': '→', 'zoom-in': '+', 'zoom-out': '−' };
