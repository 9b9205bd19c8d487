import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const deleteUploadEndpoint = defineEndpoint({
  name: 'deleteUpload',
  method: 'DELETE',
  path: '/api/uploads/:id',
  auth: 'user',
  summary: 'Give up an upload of yours that is in no message. Its bytes are removed.',
  params: z.object({ id: attachmentIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found', 'conflict'],
});
