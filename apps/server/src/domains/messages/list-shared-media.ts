import type { ConversationId, Message, SharedMediaKind, UserId } from '@couplet/protocol';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../database/cursor.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import type { Membership } from '../conversations/pairs.ts';
import { listSharedMediaPage } from './messages-repository.ts';

const cursorSchema = z.object({ direction: z.enum(['before', 'after']), seq: z.number().int().nonnegative() });
const DEFAULT_LIMIT = 50;

export interface SharedMediaRequest {
  kind: SharedMediaKind;
  cursor?: string | undefined;
  limit?: number | undefined;
  before?: number | undefined;
  after?: number | undefined;
}

/**
 * Newest first; `nextCursor` goes on in the direction that was asked for.
 *
 * @throws CoupletError `not_found` when the viewer is not a member, `validation_failed` for a foreign cursor
 */
export async function listSharedMedia(
  needs: { db: Queryable; attachmentLinks: AttachmentLinks; membership(conversationId: ConversationId, userId: UserId): Promise<Membership> },
  viewerId: UserId,
  conversationId: ConversationId,
  request: SharedMediaRequest,
): Promise<{ items: Message[]; nextCursor: string | null }> {
  await needs.membership(conversationId, viewerId);
  const { kind } = request;
  const limit = request.limit ?? DEFAULT_LIMIT;
  const from = startOf(request);
  // One more than is answered tells whether there is a next page.
  const place = from === null ? ({ at: 'end', limit: limit + 1 } as const) : { at: from.direction, seq: from.seq, limit: limit + 1 };
  const found = await listSharedMediaPage(needs.db, needs.attachmentLinks, { viewerId, conversationId, kind, place });
  const direction = from?.direction ?? 'before';
  const items = direction === 'after' ? found.slice(-limit) : found.slice(0, limit);
  const last = direction === 'after' ? items[0] : items.at(-1);
  return { items, nextCursor: found.length > limit && last ? encodeCursor({ direction, seq: last.seq }) : null };
}

function startOf({ cursor, before, after }: SharedMediaRequest): z.infer<typeof cursorSchema> | null {
  if (cursor !== undefined) return decodeCursor(cursor, cursorSchema);
  if (after !== undefined) return { direction: 'after', seq: after };
  return before === undefined ? null : { direction: 'before', seq: before };
}
