import { z } from 'zod';
import { conversationIdSchema, messageIdSchema, userIdSchema } from '../ids.ts';
import { timestampSchema } from './text.ts';

/**
 * The shapes of the chat endpoints and of the Pusher events, for apps that were
 * made for them: a *chat* is a conversation. Nothing here is stored; each is
 * translated from the model of the same thing.
 */
export const chatUserSchema = z.object({
  userId: userIdSchema,
  /** The first word of the name. */
  firstName: z.string().optional(),
  /** The rest of it. */
  lastName: z.string().optional(),
  avatarThumb: z.string().optional(),
  avatarFull: z.string().optional(),
});
export type ChatUser = z.infer<typeof chatUserSchema>;

export const chatSchema = z.object({
  chatId: conversationIdSchema,
  /** The viewer last. */
  participants: z.array(chatUserSchema),
  lastActivity: timestampSchema,
  preview: z.string().optional(),
  unreadCount: z.number().int().nonnegative().optional(),
});
export type Chat = z.infer<typeof chatSchema>;

export const chatAttachmentSchema = z.object({
  type: z.enum(['image', 'video', 'file']),
  thumbnailUrl: z.string().optional(),
  url: z.string(),
  mime: z.string().optional(),
  sizeBytes: z.number().int().nonnegative().optional(),
});
export type ChatAttachment = z.infer<typeof chatAttachmentSchema>;

/** `sending` and `failed` are a device's own words: the server never answers them. */
export const chatMessageStatusSchema = z.enum(['sending', 'sent', 'delivered', 'read', 'failed']);

export const chatMessageSchema = z.object({
  id: messageIdSchema,
  chatId: conversationIdSchema,
  fromUserId: userIdSchema,
  /** Empty for a deleted message, so that patching what is shown clears it. */
  text: z.string().optional(),
  attachments: z.array(chatAttachmentSchema).optional(),
  /** When the server stored it: what the endpoints page by. */
  sentAt: timestampSchema.optional(),
  deliveredAt: timestampSchema.optional(),
  readAt: timestampSchema.nullable().optional(),
  status: chatMessageStatusSchema,
  /** Place in the chat: from 1, no gaps. */
  sequenceId: z.number().int().positive().optional(),
});
export type ChatMessage = z.infer<typeof chatMessageSchema>;
