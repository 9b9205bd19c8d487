import { z } from 'zod';
import { connectionIdSchema, deviceIdSchema, epochSchema, sessionIdSchema, userIdSchema } from '../ids.ts';
import { positionSchema } from '../models/text.ts';
import { answerSchema, frameSchema } from './envelope.ts';

/**
 * First frame up, within 10 s of the socket opening. `position` tells how far
 * the device is, for the server's statistics only: catching up is `chat.sync`.
 */
export const authFrameSchema = frameSchema(
  'auth',
  z.object({
    token: z.string().min(1).max(8_192),
    deviceId: deviceIdSchema.optional(),
    position: positionSchema.optional(),
    protocolVersion: z.number().int().positive(),
  }),
);

/**
 * From here on every event of this user reaches this connection. `position` is
 * the end of the user's log, read after the connection was subscribed: fetch
 * everything up to it with `chat.sync`, then follow live.
 */
export const authOkFrameSchema = answerSchema(
  'auth.ok',
  z.object({
    userId: userIdSchema,
    sessionId: sessionIdSchema,
    connectionId: connectionIdSchema,
    epoch: epochSchema,
    position: positionSchema,
    heartbeatMs: z.number().int().positive(),
    limits: z.object({
      frameBytes: z.number().int().positive(),
      textLength: z.number().int().positive(),
      attachments: z.number().int().nonnegative(),
    }),
  }),
);
