import type { TokenStorage } from '@couplet/client';
import * as SecureStore from 'expo-secure-store';

const KEY = 'couplet.session';

/** The keychain or keystore of the phone, readable once the phone was unlocked after a start: background work needs it then. */
export function createTokenStorage(): TokenStorage {
  const options: SecureStore.SecureStoreOptions = { keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY };
  return {
    load: () => SecureStore.getItemAsync(KEY, options),
    save: (value) => SecureStore.setItemAsync(KEY, value, options),
    clear: () => SecureStore.deleteItemAsync(KEY, options),
  };
}
