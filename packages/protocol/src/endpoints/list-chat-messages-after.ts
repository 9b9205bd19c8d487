import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { chatMessageSchema } from '../models/chat.ts';
import { timestampSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { pageLimitSchema, queryTimestamp } from './paging.ts';

export const listChatMessagesAfterEndpoint = defineEndpoint({
  name: 'listChatMessagesAfter',
  method: 'GET',
  path: '/api/chat/:chatId/all/after',
  auth: 'user',
  summary: 'The messages of a chat after a time, oldest first: what was missed. `nextAfterTimestamp` leads on, null when there is no more.',
  params: z.object({ chatId: conversationIdSchema }),
  query: z.object({ timestamp: queryTimestamp(), limit: pageLimitSchema }),
  responses: { 200: z.object({ messages: z.array(chatMessageSchema), nextAfterTimestamp: timestampSchema.nullable() }) },
  errors: ['not_found'],
});
