import { Linking } from 'react-native';

/** The phone's browser takes it from there. */
export async function saveFile(url: string, _name: string): Promise<void> {
  await Linking.openURL(url);
}
