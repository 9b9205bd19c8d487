import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { uploadSchema } from '../models/upload.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getUploadEndpoint = defineEndpoint({
  name: 'getUpload',
  method: 'GET',
  path: '/api/uploads/:id',
  auth: 'user',
  summary: 'How far an upload of yours is: which parts are there, and fresh URLs for the others.',
  params: z.object({ id: attachmentIdSchema }),
  responses: { 200: uploadSchema },
  errors: ['not_found'],
});
