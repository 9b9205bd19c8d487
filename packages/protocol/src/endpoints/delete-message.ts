import { z } from 'zod';
import { messageIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const deleteMessageEndpoint = defineEndpoint({
  name: 'deleteMessage',
  method: 'DELETE',
  path: '/api/messages/:id',
  auth: 'user',
  summary: 'Delete your own message for both members. A tombstone keeps its seq. Deleting it again changes nothing.',
  params: z.object({ id: messageIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found', 'forbidden'],
});
