import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { uploadSchema } from '../models/upload.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const completeUploadEndpoint = defineEndpoint({
  name: 'completeUpload',
  method: 'POST',
  path: '/api/uploads/:id/complete',
  auth: 'user',
  summary:
    'Every byte is there. Waits a moment for the pictures made of it: `ready`, `rejected`, or still `processing`. Asked again it answers the same.',
  params: z.object({ id: attachmentIdSchema }),
  responses: { 200: uploadSchema },
  errors: ['not_found', 'conflict'],
});
