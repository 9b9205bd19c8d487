import { useCallback, useEffect, useRef, useState } from 'react';

/** Long enough for the eye to find it after the scroll. */
const FLASH_MS = 1_400;

/** The key of the row that is pointed out for a moment. */
export function useFlash(): { flashedKey: string | null; flash: (key: string) => void } {
  const [flashedKey, setFlashedKey] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    flashedKey,
    flash: useCallback((key) => {
      clearTimeout(timer.current);
      setFlashedKey(key);
      timer.current = setTimeout(() => setFlashedKey(null), FLASH_MS);
    }, []),
  };
}
