import { z } from 'zod';

/**
 * Every id of the domain, branded so that a user id cannot be passed where a
 * conversation id is expected. Stored ids are UUIDv7: they sort by creation.
 */
export const userIdSchema = z.uuid().toLowerCase().brand<'UserId'>();
export type UserId = z.infer<typeof userIdSchema>;

export const conversationIdSchema = z.uuid().toLowerCase().brand<'ConversationId'>();
export type ConversationId = z.infer<typeof conversationIdSchema>;

export const messageIdSchema = z.uuid().toLowerCase().brand<'MessageId'>();
export type MessageId = z.infer<typeof messageIdSchema>;

/** An upload, and the attachment it becomes. */
export const attachmentIdSchema = z.uuid().toLowerCase().brand<'AttachmentId'>();
export type AttachmentId = z.infer<typeof attachmentIdSchema>;

export const sessionIdSchema = z.uuid().toLowerCase().brand<'SessionId'>();
export type SessionId = z.infer<typeof sessionIdSchema>;

export const connectionIdSchema = z.string().min(1).max(64).brand<'ConnectionId'>();
export type ConnectionId = z.infer<typeof connectionIdSchema>;

/** One installation of the app. Chosen by the app, stable across restarts. */
export const deviceIdSchema = z.string().min(1).max(64).brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceIdSchema>;

/** Where push notifications go for one session: given by the server. */
export const registeredDeviceIdSchema = z.uuid().toLowerCase().brand<'RegisteredDeviceId'>();
export type RegisteredDeviceId = z.infer<typeof registeredDeviceIdSchema>;

/**
 * Chosen by the sending device before it sends; unique per sender; the
 * idempotency key and the list key of the message for its whole life.
 */
export const clientMsgIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'Use 1 to 64 letters, digits or _ . : -')
  .brand<'ClientMsgId'>();
export type ClientMsgId = z.infer<typeof clientMsgIdSchema>;

/** Identity of the event log's numbering. Another epoch means: take a snapshot. */
export const epochSchema = z.uuid().toLowerCase().brand<'Epoch'>();
export type Epoch = z.infer<typeof epochSchema>;
