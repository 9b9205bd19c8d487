import { z } from 'zod';
import { sendBodySchema } from '../frames/chat-message-send.ts';
import { conversationIdSchema } from '../ids.ts';
import { chatMessageSchema } from '../models/chat.ts';
import { defineEndpoint } from './define-endpoint.ts';

const answer = z.object({ message: chatMessageSchema });

export const sendChatMessageEndpoint = defineEndpoint({
  name: 'sendChatMessage',
  method: 'POST',
  path: '/api/chat/:chatId/message',
  auth: 'user',
  summary: 'Say something. `localId` is the clientMsgId: 201, or 200 with the same message when it is sent again.',
  params: z.object({ chatId: conversationIdSchema }),
  body: z
    .object({ localId: z.string(), text: z.string().optional(), attachments: z.array(z.unknown()).optional() })
    .transform(({ localId, ...rest }) => ({ clientMsgId: localId, ...rest }))
    // The one schema of a send: what holds for it holds here.
    .pipe(sendBodySchema),
  responses: { 200: answer, 201: answer },
  errors: ['not_found', 'blocked', 'conflict'],
});
