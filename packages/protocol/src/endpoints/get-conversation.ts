import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { conversationSchema } from '../models/conversation.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getConversationEndpoint = defineEndpoint({
  name: 'getConversation',
  method: 'GET',
  path: '/api/conversations/:id',
  auth: 'user',
  summary: 'One of your conversations.',
  params: z.object({ id: conversationIdSchema }),
  responses: { 200: conversationSchema },
  errors: ['not_found'],
});
