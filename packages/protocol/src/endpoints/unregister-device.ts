import { z } from 'zod';
import { registeredDeviceIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const unregisterDeviceEndpoint = defineEndpoint({
  name: 'unregisterDevice',
  method: 'DELETE',
  path: '/api/devices/:id',
  auth: 'user',
  summary: 'Send no more push notifications to this device.',
  params: z.object({ id: registeredDeviceIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
