import { clock } from '../clock.ts';
import { createDeviceShelf } from './device-shelf.ts';
import { MediaCache } from './media-cache.ts';

/** The pictures of this device, of whatever server and account: signing out wipes them. Told its bound when the settings are there. */
export const deviceMedia = new MediaCache({ shelf: createDeviceShelf(), clock, boundBytes: Number.POSITIVE_INFINITY });
