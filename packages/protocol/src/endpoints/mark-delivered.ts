import { z } from 'zod';
import { conversationIdSchema, messageIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const markDeliveredEndpoint = defineEndpoint({
  name: 'markDelivered',
  method: 'POST',
  path: '/api/conversations/:id/delivered',
  auth: 'user',
  summary: 'You have received everything up to this message. The watermark only rises.',
  params: z.object({ id: conversationIdSchema }),
  body: z.object({ lastDeliveredMessageId: messageIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
