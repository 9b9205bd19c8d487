import { z } from 'zod';
import { conversationSchema } from '../models/conversation.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema, pageLimitSchema } from './paging.ts';

export const listConversationsEndpoint = defineEndpoint({
  name: 'listConversations',
  method: 'GET',
  path: '/api/conversations',
  auth: 'user',
  summary: 'Your conversations, the last active first.',
  query: z.object({ cursor: cursorSchema.optional(), limit: pageLimitSchema }),
  responses: { 200: z.object({ items: z.array(conversationSchema), nextCursor: cursorSchema.nullable() }) },
});
