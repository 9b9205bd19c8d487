import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { conversationSchema, conversationSettingsSchema } from '../models/conversation.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const updateConversationEndpoint = defineEndpoint({
  name: 'updateConversation',
  method: 'PATCH',
  path: '/api/conversations/:id',
  auth: 'user',
  summary: 'Your own settings of a conversation: pinned, muted, archived, draft. Your other devices get `conversation.updated`.',
  params: z.object({ id: conversationIdSchema }),
  body: conversationSettingsSchema,
  responses: { 200: conversationSchema },
  errors: ['not_found'],
});
