import type { Chat, Conversation, ConversationId, User } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { type ActivityCursor, listConversationsByActivity } from '../conversations/conversations-repository.ts';
import { chatView } from './chat-view.ts';

const DEFAULT_LIMIT = 15;
/** Conversations of the same microsecond are read on in pages of this. */
const TIES_AT_ONCE = 50;
/** Below every id: with a time it means everything before that time. */
const LOWEST_ID = '00000000-0000-0000-0000-000000000000' as ConversationId;

export interface ListChatsNeeds {
  pool: Queryable;
  log: Pick<EventLogReader, 'lastPosition'>;
  attachmentLinks: AttachmentLinks;
}

/**
 * A page of the viewer's chats, the last active first. A time alone cannot say
 * where among equals a page ended, so equals are never parted: the page ends
 * after the last chat of its time.
 */
export async function listChats(
  needs: ListChatsNeeds,
  viewer: User,
  page: { limit?: number | undefined; afterTimestamp?: string | undefined },
): Promise<{ chats: Chat[]; nextAfterTimestamp: string | null; sequenceId: number }> {
  // Read first: what changes while the list is read comes again after this position, and is never missed.
  const sequenceId = await needs.log.lastPosition(viewer.id);
  const limit = page.limit ?? DEFAULT_LIMIT;
  const after = page.afterTimestamp === undefined ? null : { lastActivityAt: page.afterTimestamp, id: LOWEST_ID };
  const read = (place: ActivityCursor | null, count: number) => listConversationsByActivity(needs.pool, needs.attachmentLinks, viewer.id, { after: place, limit: count });
  const found = await read(after, limit + 1);
  const { kept, hasMore } = await withTies(found.slice(0, limit), found.slice(limit), read);
  return {
    chats: kept.map((conversation) => chatView(conversation, viewer)),
    nextAfterTimestamp: hasMore ? (kept.at(-1)?.lastActivityAt ?? null) : null,
    sequenceId,
  };
}

/** The page and whatever follows it at the very time of its last one. */
async function withTies(
  page: Conversation[],
  rest: Conversation[],
  read: (place: ActivityCursor, count: number) => Promise<Conversation[]>,
): Promise<{ kept: Conversation[]; hasMore: boolean }> {
  const last = page.at(-1);
  const next = rest[0];
  if (!last || !next) return { kept: page, hasMore: false };
  if (next.lastActivityAt !== last.lastActivityAt) return { kept: page, hasMore: true };
  const ties = rest.filter((conversation) => conversation.lastActivityAt === last.lastActivityAt);
  if (ties.length < rest.length) return { kept: [...page, ...ties], hasMore: true };
  const end = ties.at(-1) ?? last;
  return withTies([...page, ...ties], await read({ lastActivityAt: end.lastActivityAt, id: end.id }, TIES_AT_ONCE), read);
}

