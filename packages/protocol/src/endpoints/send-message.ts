import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { sendBodySchema } from '../frames/chat-message-send.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const sendMessageEndpoint = defineEndpoint({
  name: 'sendMessage',
  method: 'POST',
  path: '/api/conversations/:id/messages',
  auth: 'user',
  summary: 'Say something. 201, or 200 with the same message for a replay of the same clientMsgId.',
  params: z.object({ id: conversationIdSchema }),
  body: sendBodySchema,
  responses: { 200: messageSchema, 201: messageSchema },
  errors: ['not_found', 'blocked', 'conflict'],
});
