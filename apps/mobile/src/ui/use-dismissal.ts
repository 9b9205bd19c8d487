import { useEffect, useRef } from 'react';
import { subscribeToDismissal } from '../platform/dismissal/dismissal.ts';

/** Escape and the way back close what lies over the screen, before they mean anything to the screen. On the web the way back is not for a mere part of it. Not while it is not `isActive`: another screen lies over it. */
export function useDismissal(onClose: () => void, isPart = false, isActive = true): void {
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  }, [onClose]);
  // Once for its life: what was opened over it later is closed before it.
  useEffect(() => (isActive ? subscribeToDismissal(() => latest.current(), isPart) : undefined), [isPart, isActive]);
}
