import { z } from 'zod';
import type { ChannelMember } from './channel-state.ts';
import { PUSHER_LIMITS } from './limits.ts';

/** A frame from a client, before its data is looked at. */
export interface ClientFrame {
  event: string;
  channel: unknown;
  data: unknown;
}

/** Null for anything that is not an object with an event's name. */
export function decodeClientFrame(text: string): ClientFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('event' in value) || typeof value.event !== 'string') return null;
  return { event: value.event, channel: 'channel' in value ? value.channel : undefined, data: 'data' in value ? value.data : undefined };
}

const channelName = z.string().min(1);

export const subscribeSchema = z.object({
  channel: channelName,
  // pusher-js sends an empty one for public channels.
  auth: z.string().max(1_024).nullish(),
  channel_data: z.string().nullish(),
});

export const unsubscribeSchema = z.object({ channel: channelName });

export const signinSchema = z.object({ auth: z.string().max(1_024), user_data: z.string() });

const userId = z
  .union([z.string().min(1).max(PUSHER_LIMITS.userIdLength), z.number()])
  // 7 and "7" are one member.
  .transform(String);

/** Shown to everybody in the channel: what one member may cost the others. */
const userInfo = z
  .unknown()
  .optional()
  .refine((info) => (sizeOf(info) ?? Number.POSITIVE_INFINITY) <= PUSHER_LIMITS.userInfoBytes);

/** Who joins a presence channel; `session_id` is there when this server signed it. */
export const channelDataSchema = z.object({ user_id: userId, user_info: userInfo, session_id: z.string().optional() });

export const userDataSchema = z.object({
  id: z.string().min(1).max(PUSHER_LIMITS.userIdLength),
  user_info: z.unknown().optional(),
  watchlist: z.array(z.string().min(1).max(PUSHER_LIMITS.userIdLength)).max(PUSHER_LIMITS.watchlist).optional(),
  session_id: z.string().optional(),
});

/** The text parsed as JSON of that shape; null for anything else. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A frame down. What the server originates carries `data` as a string that holds JSON. */
export function encodeFrame(event: string, data: string, channel?: string): string {
  return JSON.stringify(channel === undefined ? { event, data } : { event, channel, data });
}

/** A frame down with data as its sender wrote it, and on presence channels who that was. */
export function encodeClientEvent(event: string, channel: string, data: unknown, userId: string | undefined): string {
  return JSON.stringify({ event, channel, data, ...(userId === undefined ? {} : { user_id: userId }) });
}

/** @param code null where the protocol has no number for it */
export function encodeError(message: string, code: number | null): string {
  return JSON.stringify({ event: 'pusher:error', data: { message, code } });
}

export function encodeSubscriptionError(channel: string, error: string, status: number): string {
  return JSON.stringify({ event: 'pusher:subscription_error', channel, data: { type: 'AuthError', error, status } });
}

/** The list of a presence channel as a joiner is told it. Without a prototype: a user may be called `__proto__`. */
export function encodeMembers(members: readonly ChannelMember[]): string {
  const hash: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { userId, userInfo } of members) hash[userId] = userInfo ?? {};
  const ids = Object.keys(hash);
  return JSON.stringify({ presence: { ids, hash, count: ids.length } });
}

/** Bytes of an event's data as it will be relayed; null when it cannot be. */
export function sizeOf(data: unknown): number | null {
  try {
    return Buffer.byteLength(typeof data === 'string' ? data : (JSON.stringify(data) ?? ''));
  } catch {
    // Nested too deep for the stack.
    return null;
  }
}
