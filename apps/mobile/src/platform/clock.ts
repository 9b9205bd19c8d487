import type { ClockPort } from '@couplet/client';

export const clock: ClockPort = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
