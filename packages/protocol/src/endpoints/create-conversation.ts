import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { conversationSchema } from '../models/conversation.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const createConversationEndpoint = defineEndpoint({
  name: 'createConversation',
  method: 'POST',
  path: '/api/conversations',
  auth: 'user',
  summary: 'The conversation with this person: begun now (201) or found (200). There is at most one per pair.',
  body: z.object({ userId: userIdSchema }),
  responses: { 200: conversationSchema, 201: conversationSchema },
  errors: ['not_found', 'blocked'],
});
