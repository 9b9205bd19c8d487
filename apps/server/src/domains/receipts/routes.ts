import { ENDPOINTS } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { advanceWatermark, type AdvanceWatermarkNeeds } from './advance-watermark.ts';

export function receiptRoutes(needs: AdvanceWatermarkNeeds) {
  return [
    defineRoute(ENDPOINTS.markRead, async ({ viewer, params, body }) => {
      await advanceWatermark(needs, viewer.userId, params.id, 'read', 'seq' in body ? body : { messageId: body.lastReadMessageId });
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.markDelivered, async ({ viewer, params, body }) => {
      await advanceWatermark(needs, viewer.userId, params.id, 'delivered', 'seq' in body ? body : { messageId: body.lastDeliveredMessageId });
      return { status: 204, body: null };
    }),
  ];
}
