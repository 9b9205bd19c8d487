import { z } from 'zod';
import { conversationIdSchema, messageIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const markReadEndpoint = defineEndpoint({
  name: 'markRead',
  method: 'POST',
  path: '/api/conversations/:id/read',
  auth: 'user',
  summary: 'You have read everything up to this message. The watermark only rises.',
  params: z.object({ id: conversationIdSchema }),
  body: z.object({ lastReadMessageId: messageIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
