import { z } from 'zod';
import { messageIdSchema } from '../ids.ts';
import { messageSchema } from '../models/message.ts';
import { messageTextSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const editMessageEndpoint = defineEndpoint({
  name: 'editMessage',
  method: 'PATCH',
  path: '/api/messages/:id',
  auth: 'user',
  summary: 'Replace the text of your own message.',
  params: z.object({ id: messageIdSchema }),
  body: z.object({ text: messageTextSchema }),
  responses: { 200: messageSchema },
  errors: ['not_found', 'forbidden', 'conflict', 'blocked'],
});
