import { type Conversation, CoupletError, type UserId, conversationIdSchema, timestampSchema } from '@couplet/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/transaction.ts';
import { decodeCursor, encodeCursor } from '../../database/cursor.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { listConversationsByActivity } from './conversations-repository.ts';

const cursorSchema = z.object({ lastActivityAt: timestampSchema, id: conversationIdSchema });
const DEFAULT_LIMIT = 50;

/** A page of the viewer's conversations, the last active first. */
export async function listConversations(
  needs: { pool: Queryable; attachmentLinks: AttachmentLinks },
  viewerId: UserId,
  page: { cursor?: string | undefined; limit?: number | undefined },
): Promise<{ items: Conversation[]; nextCursor: string | null }> {
  const limit = page.limit ?? DEFAULT_LIMIT;
  const after = page.cursor === undefined ? null : decodeCursor(page.cursor, cursorSchema);
  const found = await listConversationsByActivity(needs.pool, needs.attachmentLinks, viewerId, { after, limit: limit + 1 });
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? activityCursor(items.at(-1)) : null };
}

/** Leads to the conversations after this one. */
export function activityCursor(last: Conversation | undefined): string {
  if (!last) throw new CoupletError('internal');
  return encodeCursor({ lastActivityAt: last.lastActivityAt, id: last.id });
}
