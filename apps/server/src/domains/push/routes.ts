import { ENDPOINTS } from '@couplet/protocol';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { registerDevice, type RegisterDeviceNeeds } from './register-device.ts';
import { unregisterDevice } from './unregister-device.ts';

export function pushRoutes(needs: RegisterDeviceNeeds): Route[] {
  return [
    defineRoute(ENDPOINTS.registerDevice, async ({ viewer, body }) => ({ status: 200, body: { id: await registerDevice(needs, viewer, body) } })),
    defineRoute(ENDPOINTS.unregisterDevice, async ({ viewer, params }) => {
      await unregisterDevice(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
  ];
}
