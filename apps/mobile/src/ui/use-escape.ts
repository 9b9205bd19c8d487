import { useEffect } from 'react';
import { subscribeToShortcut } from '../platform/shortcuts.ts';

/** Escape closes what has just been opened: React Native's modal listens only once it has faded in. */
export function useEscape(onClose: () => void): void {
  useEffect(() => subscribeToShortcut('escape', onClose, true), [onClose]);
}
