import type { UserId } from '@couplet/protocol';
import type { Fanout } from '../fanout/fanout.ts';
import type { AppendedEvent } from './append-events.ts';
import type { EventLogReader } from './event-log-reader.ts';

/** Brings events that were appended and committed to the connections of their users. */
export async function deliverAppended(log: EventLogReader, fanout: Fanout, appended: readonly AppendedEvent[]): Promise<void> {
  const byUser = Map.groupBy(appended, (event) => event.userId);
  await Promise.all(
    [...byUser].map(async ([userId, events]: [UserId, AppendedEvent[]]) => {
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
    }),
  );
}
