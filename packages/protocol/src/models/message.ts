import { z } from 'zod';
import { clientMsgIdSchema, conversationIdSchema, messageIdSchema, userIdSchema } from '../ids.ts';
import { attachmentSchema } from './attachment.ts';
import { timestampSchema } from './text.ts';

export const messageTypeSchema = z.enum(['text', 'image', 'video', 'file', 'system']);
export type MessageType = z.infer<typeof messageTypeSchema>;

export const reactionSchema = z.object({ userId: userIdSchema, emoji: z.string().min(1).max(32) });
export type Reaction = z.infer<typeof reactionSchema>;

/** What a reply carries of its original, so that the quote shows without a look-up. */
export const replyPreviewSchema = z.object({
  messageId: messageIdSchema,
  seq: z.number().int().positive(),
  senderId: userIdSchema,
  type: messageTypeSchema,
  excerpt: z.string(),
});
export type ReplyPreview = z.infer<typeof replyPreviewSchema>;

/**
 * What a user said in a conversation.
 *
 * `version` counts the changes made to it (edit, delete, reaction) from 0:
 * a lower version never overwrites a higher one. `deliveredAt` and `readAt` are
 * the times at which the receiver's watermark first covered it.
 * A message has a text, attachments or both; its type follows from the attachments.
 * A deleted message is a tombstone: `deletedAt` set, no text, attachments or reactions.
 */
export const messageSchema = z.object({
  id: messageIdSchema,
  conversationId: conversationIdSchema,
  seq: z.number().int().positive(),
  senderId: userIdSchema,
  clientMsgId: clientMsgIdSchema,
  type: messageTypeSchema,
  text: z.string().optional(),
  attachments: z.array(attachmentSchema),
  replyTo: replyPreviewSchema.optional(),
  reactions: z.array(reactionSchema),
  version: z.number().int().nonnegative(),
  createdAt: timestampSchema,
  editedAt: timestampSchema.optional(),
  deletedAt: timestampSchema.optional(),
  deliveredAt: timestampSchema.optional(),
  readAt: timestampSchema.optional(),
});
export type Message = z.infer<typeof messageSchema>;
