import { z } from 'zod';
import { conversationIdSchema, messageIdSchema } from '../ids.ts';
import { seqSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const markReadEndpoint = defineEndpoint({
  name: 'markRead',
  method: 'POST',
  path: '/api/conversations/:id/read',
  auth: 'user',
  summary: 'You have read everything up to this message, named by its id or its seq. The watermark only rises.',
  params: z.object({ id: conversationIdSchema }),
  body: z.union([z.object({ lastReadMessageId: messageIdSchema }), z.object({ seq: seqSchema.min(1) })]),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
