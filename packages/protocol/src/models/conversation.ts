import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { messageSchema } from './message.ts';
import { seqSchema, timestampSchema } from './text.ts';
import { userSchema } from './user.ts';

/**
 * A conversation as one of its two members sees it.
 *
 * `readSeq` is the viewer's own watermark; `peerDeliveredSeq` and `peerReadSeq`
 * are the peer's and draw the ticks. `unreadCount` is the number of messages by
 * the peer above `readSeq` that are not deleted.
 */
export const conversationSchema = z.object({
  id: conversationIdSchema,
  peer: userSchema,
  createdAt: timestampSchema,
  lastActivityAt: timestampSchema,
  lastSeq: seqSchema,
  lastMessage: messageSchema.nullable(),
  readSeq: seqSchema,
  unreadCount: z.number().int().nonnegative(),
  peerDeliveredSeq: seqSchema,
  peerReadSeq: seqSchema,
  pinned: z.boolean(),
  mutedUntil: timestampSchema.nullable(),
  archived: z.boolean(),
  draft: z.string(),
  /** Counts the changes of the viewer's own settings (the four above): a lower one never overwrites a higher one. */
  settingsVersion: z.number().int().nonnegative(),
  /** The viewer blocked the peer. That the peer blocked the viewer is never told. */
  blocked: z.boolean(),
});
export type Conversation = z.infer<typeof conversationSchema>;

/** The member's own settings of a conversation. */
export const conversationSettingsSchema = z
  .object({
    pinned: z.boolean(),
    mutedUntil: timestampSchema.nullable(),
    archived: z.boolean(),
    draft: z.string().max(LIMITS.textLength).refine((text) => !text.includes('\u0000'), 'The draft holds a NUL character'),
  })
  .partial();
export type ConversationSettings = z.infer<typeof conversationSettingsSchema>;
