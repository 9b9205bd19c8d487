import { clock } from '../clock.ts';
import { createDeviceShelf } from './device-shelf.ts';
import { MediaCache } from './media-cache.ts';

/** What the person may choose how much of the device pictures take, in bytes. Binary, as the rest of the app counts. */
export const MEDIA_BOUNDS = { least: 64 * 2 ** 20, initial: 256 * 2 ** 20, most: 2 ** 30 } as const;

/** The pictures of this device, of whatever server and account: signing out wipes them. */
export const deviceMedia = new MediaCache({ shelf: createDeviceShelf(), clock, boundBytes: MEDIA_BOUNDS.initial });
