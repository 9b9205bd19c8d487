import type { ConversationId, Event, UserId } from '@couplet/protocol';
import { expect, it } from 'vitest';
import type { Delivery } from '../fanout/fanout.ts';
import { MemoryFanout } from '../fanout/memory-fanout.ts';
import { deliverAppended } from './deliver-appended.ts';
import type { EventLogReader } from './event-log-reader.ts';

it('an event for very many people reaches all of them, read for a few at a time', async () => {
  const userIds = Array.from({ length: 50 }, (_, n) => `user ${n}` as UserId);
  let reading = 0;
  let most = 0;
  const log = {
    async hydrate(userId: UserId) {
      reading += 1;
      most = Math.max(most, reading);
      await Promise.resolve();
      reading -= 1;
      return [{ type: 'conversation.updated', position: userIds.indexOf(userId) } as Event];
    },
  } as Partial<EventLogReader> as EventLogReader;
  const fanout = new MemoryFanout();
  const reached: UserId[] = [];
  for (const userId of userIds) await fanout.subscribe(userId, ({ to }: Delivery) => void reached.push(to));
  await deliverAppended(log, fanout, userIds.map((userId, position) => ({ userId, position, type: 'conversation.updated', conversationId: 'one' as ConversationId })));
  expect(reached.sort()).toEqual([...userIds].sort());
  expect(most).toBeLessThanOrEqual(2);
});
