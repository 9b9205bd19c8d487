import { ENDPOINTS } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { getSnapshot, type GetSnapshotNeeds } from './get-snapshot.ts';

export function syncRoutes(needs: GetSnapshotNeeds) {
  return [
    defineRoute(ENDPOINTS.getSync, async ({ viewer, query }) => ({ status: 200, body: await needs.log.read(viewer.userId, query) })),
    defineRoute(ENDPOINTS.getMessagesSince, async ({ viewer, query }) => ({ status: 200, body: await needs.log.read(viewer.userId, query) })),
    defineRoute(ENDPOINTS.getLogEnd, async ({ viewer }) => {
      const [epoch, position] = await Promise.all([needs.log.epoch(), needs.log.lastPosition(viewer.userId)]);
      return { status: 200, body: { epoch, position } };
    }),
    defineRoute(ENDPOINTS.getSnapshot, async ({ viewer }) => ({ status: 200, body: await getSnapshot(needs, viewer.userId) })),
  ];
}
