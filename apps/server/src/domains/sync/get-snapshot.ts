import type { Message, Presence, Snapshot, UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../../database/transaction.ts';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { activityCursor } from '../conversations/list-conversations.ts';
import { listConversationsByActivity } from '../conversations/conversations-repository.ts';
import { listNewestOfEach } from '../messages/messages-repository.ts';

/** Conversations in a snapshot: more than a first look needs; the list's cursor leads on. About 2 MB of JSON at most with the messages. */
const CONVERSATIONS = 200;
/** Messages of each: what fits a screen, with some to scroll. */
const MESSAGES_EACH = 20;

export interface GetSnapshotNeeds {
  pool: pg.Pool;
  log: EventLogReader;
  attachmentLinks: AttachmentLinks;
  presenceOf(viewerId: UserId, userIds: readonly UserId[]): Promise<Presence[]>;
}

/** Everything a device without a usable position starts from. One database snapshot: state and position agree. */
export async function getSnapshot(needs: GetSnapshotNeeds, viewerId: UserId): Promise<Snapshot> {
  const { attachmentLinks } = needs;
  const epoch = await needs.log.epoch();
  const state = await inTransaction(
    needs.pool,
    async (tx) => {
      const position = await needs.log.lastPosition(viewerId, tx);
      let messages: Message[] = [];
      // One more than is shown, to know whether the list goes on.
      const found = await listConversationsByActivity(tx, attachmentLinks, viewerId, { after: null, limit: CONVERSATIONS + 1 }, async (rows) => {
        messages = await listNewestOfEach(tx, attachmentLinks, viewerId, rows.slice(0, CONVERSATIONS).map(({ id }) => id), MESSAGES_EACH);
        return messages.filter((message, index) => messages[index - 1]?.conversationId !== message.conversationId);
      });
      const conversations = found.slice(0, CONVERSATIONS);
      const nextCursor = found.length > CONVERSATIONS ? activityCursor(conversations.at(-1)) : null;
      return { position, conversations, messages, nextCursor };
    },
    { isolation: 'repeatable read', readOnly: true },
  );
  const presence = await needs.presenceOf(
    viewerId,
    state.conversations.map((conversation) => conversation.peer.id),
  );
  return { epoch, ...state, presence };
}
