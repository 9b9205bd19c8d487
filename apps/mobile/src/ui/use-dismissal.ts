import { useEffect, useRef } from 'react';
import { subscribeToDismissal } from '../platform/dismissal/dismissal.ts';

/** Escape and the way back close what lies over the screen, before they mean anything to the screen. On the web the way back is not for a mere part of it. */
export function useDismissal(onClose: () => void, isPart = false): void {
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  }, [onClose]);
  // Once for its life: what was opened over it later is closed before it.
  useEffect(() => subscribeToDismissal(() => latest.current(), isPart), [isPart]);
}
