import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const reportUploadPartEndpoint = defineEndpoint({
  name: 'reportUploadPart',
  method: 'PUT',
  path: '/api/uploads/:id/parts/:partNumber',
  auth: 'user',
  summary: 'A part is there: its `etag` as the store answered it. Reported again, the last one counts.',
  params: z.object({ id: attachmentIdSchema, partNumber: z.coerce.number().int().min(1).max(10_000) }),
  body: z.object({ etag: z.string().min(1).max(200).regex(/^[\x21-\x7e]+$/) }),
  responses: { 204: z.null() },
  errors: ['not_found', 'conflict'],
});
