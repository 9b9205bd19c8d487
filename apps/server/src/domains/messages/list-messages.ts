import { type ConversationId, type Message, type UserId } from '@couplet/protocol';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../database/cursor.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import type { Membership } from '../conversations/pairs.ts';
import { listMessagePage } from './messages-repository.ts';

const cursorSchema = z.object({ direction: z.enum(['before', 'after']), seq: z.number().int().nonnegative() });
const DEFAULT_LIMIT = 50;

export interface MessagePageRequest {
  cursor?: string | undefined;
  limit?: number | undefined;
  around?: number | undefined;
  after?: number | undefined;
  before?: number | undefined;
}

interface PageReads {
  db: Queryable;
  attachmentLinks: AttachmentLinks;
}

/** Newest first. `nextCursor` leads to older, `prevCursor` to newer messages. */
export interface MessagePage {
  items: Message[];
  nextCursor: string | null;
  prevCursor: string | null;
}

/** @throws CoupletError `not_found` when the viewer is not a member, `validation_failed` for a foreign cursor */
export async function listMessages(
  needs: PageReads & { membership(conversationId: ConversationId, userId: UserId): Promise<Membership> },
  viewerId: UserId,
  conversationId: ConversationId,
  request: MessagePageRequest,
): Promise<MessagePage> {
  await needs.membership(conversationId, viewerId);
  const limit = request.limit ?? DEFAULT_LIMIT;
  if (request.around !== undefined) return pageAround(needs, viewerId, conversationId, request.around, limit);
  const cursor = request.cursor === undefined ? undefined : decodeCursor(request.cursor, cursorSchema);
  const before = request.before ?? (cursor?.direction === 'before' ? cursor.seq : undefined);
  const after = request.after ?? (cursor?.direction === 'after' ? cursor.seq : undefined);
  if (after !== undefined) {
    const found = await listMessagePage(needs.db, needs.attachmentLinks, viewerId, conversationId, { at: 'after', seq: after, limit: limit + 1 });
    const items = found.slice(-limit);
    return page(items, { older: after > 0, newer: found.length > limit });
  }
  const found = await listMessagePage(
    needs.db,
    needs.attachmentLinks,
    viewerId,
    conversationId,
    before === undefined ? { at: 'end', limit: limit + 1 } : { at: 'before', seq: before, limit: limit + 1 },
  );
  return page(found.slice(0, limit), { older: found.length > limit, newer: before !== undefined });
}

/** Half a page on either side; the message itself counts to the older half. */
async function pageAround(reads: PageReads, viewerId: UserId, conversationId: ConversationId, seq: number, limit: number): Promise<MessagePage> {
  const { db, attachmentLinks } = reads;
  const olderLimit = Math.ceil(limit / 2);
  const newerLimit = limit - olderLimit;
  const [older, newer] = await Promise.all([
    listMessagePage(db, attachmentLinks, viewerId, conversationId, { at: 'before', seq: seq + 1, limit: olderLimit + 1 }),
    listMessagePage(db, attachmentLinks, viewerId, conversationId, { at: 'after', seq, limit: newerLimit + 1 }),
  ]);
  const items = [...(newerLimit === 0 ? [] : newer.slice(-newerLimit)), ...older.slice(0, olderLimit)];
  return page(items, { older: older.length > olderLimit, newer: newer.length > newerLimit });
}

function page(items: Message[], more: { older: boolean; newer: boolean }): MessagePage {
  const newest = items[0];
  const oldest = items.at(-1);
  return {
    items,
    nextCursor: more.older && oldest && oldest.seq > 1 ? encodeCursor({ direction: 'before', seq: oldest.seq }) : null,
    prevCursor: more.newer && newest ? encodeCursor({ direction: 'after', seq: newest.seq }) : null,
  };
}
