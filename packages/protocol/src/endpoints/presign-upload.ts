import { newUploadSchema, uploadTargetSchema } from '../models/upload.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const presignUploadEndpoint = defineEndpoint({
  name: 'presignUpload',
  method: 'POST',
  path: '/api/uploads/presign',
  auth: 'user',
  summary: 'Announce a file and get signed URLs for its bytes: one up to 8 MiB, above that one per part of 8 MiB.',
  body: newUploadSchema,
  responses: { 201: uploadTargetSchema },
  errors: ['body_too_large', 'forbidden'],
});
