import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { attachmentSchema } from '../models/attachment.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const listAttachmentsEndpoint = defineEndpoint({
  name: 'listAttachments',
  method: 'GET',
  path: '/api/attachments',
  auth: 'user',
  summary: 'These attachments of your conversations with fresh URLs. Ids of others are left out, as are those of nothing.',
  query: z.object({
    ids: z
      .string()
      .max(LIMITS.pageSize * 37)
      .transform((text) => text.split(','))
      .pipe(z.array(attachmentIdSchema).min(1).max(LIMITS.pageSize)),
  }),
  responses: { 200: z.object({ items: z.array(attachmentSchema) }) },
});
