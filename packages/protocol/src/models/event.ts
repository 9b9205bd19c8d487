import { z } from 'zod';
import { conversationIdSchema, epochSchema, messageIdSchema, userIdSchema } from '../ids.ts';
import { conversationSchema } from './conversation.ts';
import { messageSchema } from './message.ts';
import { positionSchema, timestampSchema } from './text.ts';

const position = positionSchema.min(1);

/**
 * The viewer's unread count of the conversation, as the server knows it. It
 * replaces what the device shows: a device never counts by itself.
 */
const unreadCount = z.number().int().nonnegative();

/** A message's arrival in the log of either member. */
export const messageNewSchema = z.object({ position, message: messageSchema, unreadCount });

/** An edit, a delete or a reaction. */
export const messageUpdatedSchema = z.object({ position, message: messageSchema, unreadCount });

/** `userId`'s devices have everything up to `seq`. Only the peer is told. */
export const messageDeliveredSchema = z.object({
  position,
  conversationId: conversationIdSchema,
  userId: userIdSchema,
  seq: z.number().int().positive(),
  messageId: messageIdSchema,
  at: timestampSchema,
});

/**
 * `userId` has read everything up to `seq`: told to the peer (ticks) and to the
 * reader's own devices (badge).
 */
export const messageReadSchema = messageDeliveredSchema.extend({ unreadCount });

/** A conversation began, or what the viewer sees of it (settings, peer's profile) changed. */
export const conversationUpdatedSchema = z.object({ position, conversation: conversationSchema });

/**
 * A durable change that concerns one user, with the next position in that user's
 * log: dense from 1, no gaps. The same shape in `chat.sync.result`, in
 * `GET /api/sync` and, with the type in the envelope, as a live frame.
 */
export const eventSchema = z.discriminatedUnion('type', [
  messageNewSchema.extend({ type: z.literal('chat.message.new') }),
  messageUpdatedSchema.extend({ type: z.literal('chat.message.updated') }),
  messageDeliveredSchema.extend({ type: z.literal('chat.message.delivered') }),
  messageReadSchema.extend({ type: z.literal('chat.message.read') }),
  conversationUpdatedSchema.extend({ type: z.literal('conversation.updated') }),
]);
export type Event = z.infer<typeof eventSchema>;
export type EventType = Event['type'];

/** Stands in for an event that is too large for what brings it: there is one at this position, to be fetched. */
export const eventReferenceSchema = z.object({ position, isReference: z.literal(true) });

/**
 * A stretch of the log. After applying it the device is at `position`, whatever
 * the events' own positions are: a stored row that cannot be read is skipped and
 * reported by the server, it never breaks the sync.
 */
export const syncPageSchema = z.object({
  epoch: epochSchema,
  events: z.array(eventSchema),
  position: positionSchema,
  hasMore: z.boolean(),
});
export type SyncPage = z.infer<typeof syncPageSchema>;
