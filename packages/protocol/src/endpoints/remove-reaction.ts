import { z } from 'zod';
import { emojiSchema } from '../frames/chat-message-react.ts';
import { messageIdSchema } from '../ids.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const removeReactionEndpoint = defineEndpoint({
  name: 'removeReaction',
  method: 'DELETE',
  path: '/api/messages/:id/reactions/:emoji',
  auth: 'user',
  summary: 'Take your reaction back.',
  params: z.object({ id: messageIdSchema, emoji: emojiSchema }),
  responses: { 200: messageSchema },
  errors: ['not_found', 'conflict', 'blocked'],
});
