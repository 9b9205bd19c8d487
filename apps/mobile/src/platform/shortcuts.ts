/** What is listened for: `mod` is ⌘ on Apple's machines, Ctrl elsewhere. */
export type Shortcut = 'mod+k' | 'escape' | 'arrow-left' | 'arrow-right' | 'zoom-in' | 'zoom-out';

/** Phones have no shortcuts. */
export function subscribeToShortcut(_shortcut: Shortcut, _listener: () => void, _liesOver = false): () => void {
  return () => undefined;
}

export const SHORTCUT_LABELS: Record<Shortcut, string> = { 'mod+k': '', escape: '', 'arrow-left': '', 'arrow-right': '', 'zoom-in': '', 'zoom-out': '' };
