import type { UserId } from '@couplet/protocol';
import type { Fanout } from '../fanout/fanout.ts';
import type { AppendedEvent } from './append-events.ts';
import type { EventLogReader } from './event-log-reader.ts';

/** Brings events that were appended and committed to the connections of their users. */
export async function deliverAppended(log: EventLogReader, fanout: Fanout, appended: readonly AppendedEvent[]): Promise<void> {
  const byUser = [...Map.groupBy(appended, (event) => event.userId)];
  // One after the other in each lane, which takes the next user when it is done with one.
  const deliverNext = async (): Promise<void> => {
    for (let next = byUser.shift(); next !== undefined; next = byUser.shift()) {
      const [userId, events]: [UserId, AppendedEvent[]] = next;
      const entries = events.map((event) => ({
        position: event.position,
        type: event.type,
        conversation_id: event.conversationId,
        message_id: event.messageId ?? null,
        member_id: null,
        seq: null,
        at: null,
      }));
      const payloads = await log.hydrate(userId, entries);
      fanout.publish(payloads.map((payload) => ({ to: userId, payload })));
    }
  };
  await Promise.all(Array.from({ length: LANES }, deliverNext));
}

/** Of a pool of ten connections: a new name told to two thousand people must not keep everybody else waiting. */
const LANES = 2;
