import { z } from 'zod';
import { clientMsgIdSchema, conversationIdSchema, messageIdSchema, userIdSchema } from '../ids.ts';
import { attachmentIdsSchema } from '../models/attachment.ts';
import { messageSchema, replyPreviewSchema } from '../models/message.ts';
import { positionSchema, messageTextSchema, timestampSchema } from '../models/text.ts';
import { answerSchema, frameSchema } from './envelope.ts';

const sendFieldsSchema = z.object({
  clientMsgId: clientMsgIdSchema,
  /** What the sender takes it for; what it is follows from the attachments. */
  type: z.enum(['text', 'image', 'video', 'file']).optional(),
  text: messageTextSchema.optional(),
  /** Ids of the sender's own uploads that are ready. Each is used once. */
  attachments: attachmentIdsSchema.optional(),
  replyToId: messageIdSchema.optional(),
});

const SAYS_SOMETHING = { message: 'Write something or attach a file', path: ['text'] };

function saysSomething({ text, attachments }: { text?: string | undefined; attachments?: readonly unknown[] | undefined }): boolean {
  return text !== undefined || (attachments?.length ?? 0) > 0;
}

/** What a send consists of, on REST and on the WebSocket alike. */
export const sendBodySchema = sendFieldsSchema.refine(saysSomething, SAYS_SOMETHING);
export type SendBody = z.infer<typeof sendBodySchema>;

/**
 * Say something. Names the conversation, or the receiver: then the conversation
 * is found or begun. Answer: `chat.message.ack`; for every replay of the same
 * `clientMsgId` the same one, with what has become of the message since.
 */
export const chatMessageSendFrameSchema = frameSchema(
  'chat.message.send',
  sendFieldsSchema
    .extend({ conversationId: conversationIdSchema.optional(), receiverId: userIdSchema.optional() })
    .refine(saysSomething, SAYS_SOMETHING)
    .refine((data) => (data.conversationId === undefined) !== (data.receiverId === undefined), {
      message: 'Name either conversationId or receiverId',
      path: ['conversationId'],
    }),
);

/**
 * Stored and committed. `position` is the event's place in the sender's own log:
 * the sending connection gets no `chat.message.new` for it.
 */
export const chatMessageAckFrameSchema = answerSchema(
  'chat.message.ack',
  z.object({
    clientMsgId: clientMsgIdSchema,
    messageId: messageIdSchema,
    conversationId: conversationIdSchema,
    seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    createdAt: timestampSchema,
    duplicate: z.boolean(),
    position: positionSchema,
    /** Of a reply, also of a replayed one: the excerpt as it stands; the original may have been edited since the device quoted it. */
    replyTo: replyPreviewSchema.optional(),
    /**
     * Of a replay: the message as the sender sees it now. It may have been received, read, changed or
     * deleted by events that the device was never told of: its position may come from a snapshot that lies after them.
     */
    message: messageSchema.optional(),
  }),
);
export type SendAck = z.infer<typeof chatMessageAckFrameSchema>['data'];
