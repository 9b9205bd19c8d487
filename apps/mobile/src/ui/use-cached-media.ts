import { useCallback, useSyncExternalStore } from 'react';
import { deviceMedia } from '../platform/media-cache/device-media.ts';

/**
 * An address on this device to show a picture by; `null` while there is none.
 * Opened from what the device keeps, else fetched from `url` and kept.
 *
 * @param key what it is, whatever its link is today: `<attachment id>:<320 | 1280 | full>`, or a link that never
 *   changes what it leads to. `null`: nothing is shown.
 */
export function useCachedMedia(key: string | null, url: string | null | undefined): string | null {
  const subscribe = useCallback((changed: () => void) => (key === null ? () => undefined : deviceMedia.watch(key, url ?? null, changed)), [key, url]);
  const read = () => (key === null ? null : deviceMedia.urlOf(key));
  return useSyncExternalStore(subscribe, read, read);
}
