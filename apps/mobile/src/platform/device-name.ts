import { Platform } from 'react-native';

/** What the list of sessions calls this device. */
export function deviceName(): string {
  return Platform.OS === 'ios' ? `Couplet on iOS ${Platform.Version}` : `Couplet on Android (API ${Platform.Version})`;
}
