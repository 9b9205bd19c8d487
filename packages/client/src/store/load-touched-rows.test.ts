import type { Event, Message } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { CONVERSATION_ID, PEER_ID, sampleMessage, sampleTime, VIEWER_ID } from '../testing/index.ts';
import { loadTouchedRows } from './load-touched-rows.ts';
import { createMemoryStore } from './memory-store.ts';

async function seqsFor(type: 'chat.message.delivered' | 'chat.message.read', seq: number, messages: readonly Message[]): Promise<number[]> {
  const store = createMemoryStore();
  const facts = { position: 1, conversationId: CONVERSATION_ID, userId: PEER_ID, seq, messageId: sampleMessage(seq).id, at: RECEIVED_AT };
  const event: Event = type === 'chat.message.read' ? { type, ...facts, unreadCount: 0 } : { type, ...facts };
  return store.transaction(async (writer) => {
    await writer.putMessages(messages);
    return (await loadTouchedRows(writer, event)).messages.map((message) => message.seq).sort((a, b) => a - b);
  });
}

const RECEIVED_AT = sampleTime(5);
const own = (seq: number, change: Partial<Message> = {}) => sampleMessage(seq, { senderId: VIEWER_ID, ...change });

describe('the rows that a receipt may cover', () => {
  it('are all that lack its time, however many', async () => {
    const messages = Array.from({ length: 170 }, (_, index) => own(index + 1));
    expect(await seqsFor('chat.message.read', 160, messages)).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
  });

  it('end near the first that has it, by the kind of the receipt', async () => {
    const messages = Array.from({ length: 200 }, (_, index) => own(index + 1, { deliveredAt: sampleTime(1), ...(index < 120 ? { readAt: sampleTime(2) } : {}) }));
    expect((await seqsFor('chat.message.read', 200, messages))[0]).toBe(101);
    expect((await seqsFor('chat.message.delivered', 200, messages))[0]).toBe(151);
  });

  it('[S3] do not end at messages that the log brought with the mark of this receipt or of a later one', async () => {
    const messages = Array.from({ length: 160 }, (_, index) => own(index + 1, index < 100 ? {} : { readAt: sampleTime(index < 130 ? 5 : 6) }));
    expect((await seqsFor('chat.message.read', 160, messages))[0]).toBe(1);
  });

  it('begin at the seq of the receipt also where the device has no message above', async () => {
    expect(await seqsFor('chat.message.delivered', 5, [own(3), own(9)])).toEqual([3]);
  });
});
