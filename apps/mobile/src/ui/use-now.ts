import { useEffect, useState } from 'react';

/** The time, told anew every `everyMs`, for words such as "Yesterday" and "5 min ago". */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export const MINUTE_MS = 60_000;
