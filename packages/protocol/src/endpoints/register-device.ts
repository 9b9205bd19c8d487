import { z } from 'zod';
import { registeredDeviceIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

/** Tokens of APNs and FCM have a few hundred characters; a browser's subscription may have a thousand. */
const LONGEST_TOKEN = 4_096;

export const registerDeviceEndpoint = defineEndpoint({
  name: 'registerDevice',
  method: 'POST',
  path: '/api/devices/register',
  auth: 'user',
  summary:
    'Send push notifications to this installation of the app, for as long as its session lasts. `token` is the one of APNs (`ios`) or FCM (`android`), or on the `web` the JSON of the `PushSubscription`. One per session: registered again, the last one counts.',
  body: z.object({
    platform: z.enum(['ios', 'android', 'web']),
    token: z.string().min(1).max(LONGEST_TOKEN),
    /** The bundle id of an `ios` app, where the server serves several. */
    appId: z.string().min(1).max(255).regex(/^[A-Za-z0-9.-]+$/).optional(),
  }),
  responses: { 200: z.object({ id: registeredDeviceIdSchema }) },
});
