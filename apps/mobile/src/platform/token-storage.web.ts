import type { TokenStorage } from '@couplet/client';

const KEY = 'couplet.session';

/** A browser has no keychain. The storage of the origin is the usual place; all tabs share the session. */
export function createTokenStorage(): TokenStorage {
  return {
    load: async () => localStorage.getItem(KEY),
    save: async (value) => localStorage.setItem(KEY, value),
    clear: async () => localStorage.removeItem(KEY),
  };
}
