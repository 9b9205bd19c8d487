import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const setTypingEndpoint = defineEndpoint({
  name: 'setTyping',
  method: 'POST',
  path: '/api/conversations/:id/typing',
  auth: 'user',
  summary: 'Typing, for clients without the native socket.',
  params: z.object({ id: conversationIdSchema }),
  body: z.object({ isTyping: z.boolean() }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
