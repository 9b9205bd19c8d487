import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { viewerSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const setAvatarEndpoint = defineEndpoint({
  name: 'setAvatar',
  method: 'PUT',
  path: '/api/users/me/avatar',
  auth: 'user',
  summary: 'Show this upload of kind `avatar` as your photo, or none with `null`. The people you talk with get `conversation.updated`.',
  body: z.object({ uploadId: attachmentIdSchema.nullable() }),
  responses: { 200: viewerSchema },
  errors: ['not_found', 'conflict'],
});
