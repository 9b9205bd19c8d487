import type { ClientMsgId, ConversationId, MessageId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { describeStore } from '../testing/contracts.ts';
import { CONVERSATION_ID, sampleConversation, sampleId, sampleMessage } from '../testing/index.ts';
import { BatchedWriter } from './batched-writer.ts';
import { createMemoryStore } from './memory-store.ts';
import type { Store, StoreWriter } from './store.ts';

/** Every transaction through a batch: what is kept back must never show. */
function batchedStore(): Store {
  const store = createMemoryStore();
  return {
    ...store,
    transaction: (body) =>
      store.transaction(async (writer) => {
        const batch = new BatchedWriter(writer);
        const result = await body(batch.rows);
        await batch.flush();
        return result;
      }),
  };
}

/** The same writer, and what was asked of it. */
function countCalls(writer: StoreWriter): { counted: StoreWriter; calls: string[] } {
  const calls: string[] = [];
  const counted = new Proxy(writer, {
    get: (target, name: keyof StoreWriter) => {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        calls.push(name);
        return method.apply(target, args);
      };
    },
  });
  return { counted, calls };
}

describeStore('a store written in batches', async () => batchedStore());

describe('a batch', () => {
  const OTHER_ID = sampleId('b', 2) as ConversationId;

  it('reads what it was told to expect once, together, and writes each row once', async () => {
    const store = createMemoryStore();
    await store.transaction(async (writer) => {
      await writer.putConversation(sampleConversation());
      await writer.putMessages([sampleMessage(1), sampleMessage(2)]);
    });
    await store.transaction(async (writer) => {
      const { counted, calls } = countCalls(writer);
      const batch = new BatchedWriter(counted);
      await batch.load({ conversations: new Set([CONVERSATION_ID]), messages: [1, 2, 3].map((seq) => ({ conversationId: CONVERSATION_ID, seq })) });
      expect(calls).toEqual(['listOutbox', 'getConversation', 'getReceipts', 'listMessages']);
      expect(await batch.rows.getOutboxEntry('unknown')).toBeNull();
      for (const seq of [1, 2, 3]) {
        expect(await batch.rows.listMessages({ conversationId: CONVERSATION_ID, fromSeq: seq, toSeq: seq })).toHaveLength(seq === 3 ? 0 : 1);
        await batch.rows.putMessages([sampleMessage(seq, seq === 1 ? { version: 1 } : { version: seq, text: `text ${seq} anew` })]);
        await batch.rows.putConversation(sampleConversation({ lastSeq: seq }));
        expect((await batch.rows.getConversation(CONVERSATION_ID))?.lastSeq).toBe(seq);
      }
      await batch.flush();
      // Once for the search to learn of, once for it to leave alone.
      expect(calls.slice(4)).toEqual(['putMessages', 'putMessages', 'putConversation']);
    });
  });

  it('reads what is to be confirmed of many conversations at once', async () => {
    const store = createMemoryStore();
    const ids = Array.from({ length: 100 }, (_, n) => sampleId('b', n) as ConversationId);
    const [confirmed = OTHER_ID, unconfirmed = OTHER_ID] = ids;
    const receipts = { conversationId: unconfirmed, deliveredSeq: 5, readSeq: 3 };
    await store.transaction((writer) => writer.putReceipts(receipts));
    await store.transaction(async (writer) => {
      const { counted, calls } = countCalls(writer);
      const batch = new BatchedWriter(counted);
      await batch.load({ conversations: new Set(ids), messages: [] });
      expect(await batch.rows.getReceipts(unconfirmed)).toEqual(receipts);
      expect(await batch.rows.getReceipts(confirmed)).toBeNull();
      expect(calls).not.toContain('getReceipts');
    });
  });

  it('shows a range with the rows that are not written yet', async () => {
    const store = createMemoryStore();
    await store.transaction((writer) => writer.putMessages([sampleMessage(1), sampleMessage(3)]));
    await store.transaction(async (writer) => {
      const batch = new BatchedWriter(writer);
      await batch.rows.putMessages([
        sampleMessage(2),
        sampleMessage(3, { text: 'changed', version: 1 }),
        sampleMessage(9),
        sampleMessage(2, { conversationId: OTHER_ID, id: sampleId('c', 99) as MessageId, clientMsgId: 'elsewhere' as ClientMsgId }),
      ]);
      const rows = await batch.rows.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 5 });
      expect(rows.map(({ seq, version }) => [seq, version])).toEqual([[1, 0], [2, 0], [3, 1]]);
    });
  });
});
