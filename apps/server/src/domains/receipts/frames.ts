import { type FrameHandlers, OK } from '../../socket/native/frame-handlers.ts';
import { advanceWatermark, type AdvanceWatermarkNeeds, type WatermarkTarget } from './advance-watermark.ts';

type ReceiptFrames = Pick<FrameHandlers, 'chat.message.delivered' | 'chat.message.read'>;

export function receiptFrames(needs: AdvanceWatermarkNeeds): ReceiptFrames {
  return {
    'chat.message.delivered': async ({ conversationId, ...target }, { userId }) => {
      await advanceWatermark(needs, userId, conversationId, 'delivered', target as WatermarkTarget);
      return OK;
    },
    'chat.message.read': async ({ conversationId, ...target }, { userId }) => {
      await advanceWatermark(needs, userId, conversationId, 'read', target as WatermarkTarget);
      return OK;
    },
  };
}
