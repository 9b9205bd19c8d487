import { connectionIdSchema, conversationIdSchema, eventSchema, presenceSchema, sessionIdSchema, userIdSchema } from '@couplet/protocol';
import { z } from 'zod';
import type { Delivery } from '../fanout.ts';

const signalSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('chat.typing'), conversationId: conversationIdSchema, userId: userIdSchema, isTyping: z.boolean(), expiresAt: z.iso.datetime() }),
  presenceSchema.extend({ type: z.literal('presence.update') }),
  z.object({ type: z.literal('session.revoked'), sessionId: sessionIdSchema }),
  z.object({ type: z.literal('peer.severed'), peerId: userIdSchema }),
]);

const deliverySchema = z.object({ to: userIdSchema, payload: z.union([eventSchema, signalSchema]), exceptConnection: connectionIdSchema.optional() });

/** What goes into one entry of a stream, or one message of a channel, at most. One message of 8,000 characters fits. */
const LARGEST_TEXT = 64 * 1024;
/** What is believed to be ours at all: the largest a delivery gets, with room. */
const LARGEST_TAKEN = 1024 * 1024;

/** As few texts as hold them, in order. */
export function encodeDeliveries(deliveries: readonly Delivery[]): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let length = 0;
  for (const delivery of deliveries) {
    const part = JSON.stringify(delivery);
    if (parts.length > 0 && length + part.length > LARGEST_TEXT) {
      texts.push(`[${parts.join(',')}]`);
      parts = [];
      length = 0;
    }
    parts.push(part);
    length += part.length;
  }
  if (parts.length > 0) texts.push(`[${parts.join(',')}]`);
  return texts;
}

/** What can be believed of a text that came out of Redis; the rest is counted. */
export function decodeDeliveries(text: unknown): { deliveries: Delivery[]; rejected: number } {
  const parts = typeof text === 'string' && text.length <= LARGEST_TAKEN ? parseArray(text) : null;
  if (!parts) return { deliveries: [], rejected: 1 };
  const deliveries: Delivery[] = [];
  let rejected = 0;
  for (const part of parts) {
    const parsed = deliverySchema.safeParse(part);
    if (!parsed.success) rejected += 1;
    else {
      const { to, payload, exceptConnection } = parsed.data;
      deliveries.push({ to, payload, ...(exceptConnection === undefined ? {} : { exceptConnection }) });
    }
  }
  return { deliveries, rejected };
}

function parseArray(text: string): unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
