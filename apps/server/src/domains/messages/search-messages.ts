import { type ConversationId, type Message, messageIdSchema, searchWords, type UserId } from '@couplet/protocol';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../database/cursor.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import type { Membership } from '../conversations/pairs.ts';
import { findByWords } from './find-by-words.ts';
import { findMessages } from './messages-repository.ts';

const cursorSchema = z.object({ before: messageIdSchema });
const DEFAULT_LIMIT = 20;

/** Messages of the viewer's own conversations with a word beginning with each word of `q`, newest first. */
export async function searchMessages(
  needs: { db: Queryable; attachmentLinks: AttachmentLinks; membership(conversationId: ConversationId, userId: UserId): Promise<Membership> },
  viewerId: UserId,
  query: { q: string; conversationId?: ConversationId | undefined; cursor?: string | undefined; limit?: number | undefined },
): Promise<{ items: Message[]; nextCursor: string | null }> {
  if (query.conversationId) await needs.membership(query.conversationId, viewerId);
  const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, cursorSchema).before;
  const words = searchWords(query.q);
  if (words.length === 0) return { items: [], nextCursor: null };
  const limit = query.limit ?? DEFAULT_LIMIT;
  const found = await findByWords(needs.db, { viewerId, words, conversationId: query.conversationId, before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const messages = await findMessages(needs.db, needs.attachmentLinks, viewerId, shown);
  const items = messages.sort((one, other) => (one.id < other.id ? 1 : -1));
  const last = shown.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? encodeCursor({ before: last }) : null };
}
