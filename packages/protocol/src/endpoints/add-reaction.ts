import { z } from 'zod';
import { emojiSchema } from '../frames/chat-message-react.ts';
import { messageIdSchema } from '../ids.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const addReactionEndpoint = defineEndpoint({
  name: 'addReaction',
  method: 'PUT',
  path: '/api/messages/:id/reactions/:emoji',
  auth: 'user',
  summary: 'Set your reaction to a message; it replaces an earlier one of yours.',
  params: z.object({ id: messageIdSchema, emoji: emojiSchema }),
  responses: { 200: messageSchema },
  errors: ['not_found', 'conflict', 'blocked'],
});
