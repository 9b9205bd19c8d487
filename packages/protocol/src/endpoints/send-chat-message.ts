import { z } from 'zod';
import { sendBodySchema } from '../frames/chat-message-send.ts';
import { conversationIdSchema } from '../ids.ts';
import { chatMessageSchema } from '../models/chat.ts';
import { defineEndpoint } from './define-endpoint.ts';

/**
 * An upload of the sender's own: its id, or an object with that or with the
 * `fileUrl` that presigning answered, whose path ends with the id. Whatever else
 * the object says about the file is not believed.
 */
const namedUploadSchema = z
  .union([z.string(), z.object({ uploadId: z.string() }), z.object({ id: z.string() }), z.object({ url: z.url() })], {
    error: 'Name each attachment by its upload: { uploadId } or { url: fileUrl }',
  })
  .transform((named) => {
    if (typeof named === 'string') return named;
    if ('uploadId' in named) return named.uploadId;
    return 'id' in named ? named.id : named.url.replace(/[?#].*$/s, '').split('/').at(-1);
  })
  .pipe(z.uuid());

const answer = z.object({ message: chatMessageSchema });

export const sendChatMessageEndpoint = defineEndpoint({
  name: 'sendChatMessage',
  method: 'POST',
  path: '/api/chat/:chatId/message',
  auth: 'user',
  summary:
    'Say something. `localId` is the clientMsgId: 201, or 200 with the same message when it is sent again. Uploads whose bytes are there are completed first; `conflict` when one is not ready, not yours or in a message already.',
  params: z.object({ chatId: conversationIdSchema }),
  body: z
    .object({ localId: z.string(), text: z.string().optional(), attachments: z.array(namedUploadSchema).optional() })
    .transform(({ localId, ...rest }) => ({ clientMsgId: localId, ...rest }))
    // The one schema of a send: what holds for it holds here.
    .pipe(sendBodySchema),
  responses: { 200: answer, 201: answer },
  errors: ['not_found', 'blocked', 'conflict'],
});
