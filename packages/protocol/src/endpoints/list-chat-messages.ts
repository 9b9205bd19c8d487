import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { chatMessageSchema } from '../models/chat.ts';
import { timestampSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { pageLimitSchema, queryTimestamp } from './paging.ts';

export const listChatMessagesEndpoint = defineEndpoint({
  name: 'listChatMessages',
  method: 'GET',
  path: '/api/chat/:chatId/all',
  auth: 'user',
  summary: 'A page of a chat, newest first: the last messages, or those before a time. `nextBeforeTimestamp` leads to older ones.',
  params: z.object({ chatId: conversationIdSchema }),
  query: z.object({ limit: pageLimitSchema, beforeTimestamp: queryTimestamp().optional() }),
  responses: { 200: z.object({ messages: z.array(chatMessageSchema), nextBeforeTimestamp: timestampSchema.nullable() }) },
  errors: ['not_found'],
});
