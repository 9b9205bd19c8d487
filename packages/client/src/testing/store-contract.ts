import type { ClientMsgId, ConversationId, MessageId, UserId } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_LOG, type Store } from '../store/store.ts';
import { CONVERSATION_ID, EPOCH, PEER_ID, sampleChange, sampleConversation, sampleEntry, sampleId, sampleMessage, sampleTime, VIEWER_ID } from './samples.ts';
import { describeSearch } from './search-contract.ts';

/** What every device database must do. `makeStore` answers an empty one each time. */
export function describeStore(name: string, makeStore: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());
    describeSearch(() => store);

    it('begins empty', async () => {
      await store.read(async (reader) => {
        expect(await reader.getLog()).toEqual(EMPTY_LOG);
        expect(await reader.getConversation(CONVERSATION_ID)).toBeNull();
        expect(await reader.listConversations({ limit: 10, offset: 0 })).toEqual([]);
        expect(await reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 100 })).toEqual([]);
        expect(await reader.listOutbox()).toEqual([]);
        expect(await reader.listReceipts()).toEqual([]);
        expect(await reader.listSettings()).toEqual([]);
      });
    });

    it('keeps all changes of a transaction, and shows them within it', async () => {
      await store.transaction(async (writer) => {
        await writer.putConversation(sampleConversation());
        await writer.putMessages([sampleMessage(1), sampleMessage(2)]);
        await writer.putLog({ owner: VIEWER_ID, epoch: EPOCH, position: 7, olderConversations: 'more' });
        expect(await writer.getMessage(sampleMessage(2).id)).toEqual(sampleMessage(2));
      });
      await store.read(async (reader) => {
        expect(await reader.getLog()).toEqual({ owner: VIEWER_ID, epoch: EPOCH, position: 7, olderConversations: 'more' });
        expect(await reader.getConversation(CONVERSATION_ID)).toEqual(sampleConversation());
        expect(await reader.findConversationWith(PEER_ID)).toEqual(sampleConversation());
        expect(await reader.findConversationWith(VIEWER_ID)).toBeNull();
      });
    });

    it('keeps nothing of a transaction that rejects, and goes on with the next', async () => {
      await store.transaction(async (writer) => {
        await writer.putMessages([sampleMessage(1)]);
        await writer.putOutboxEntry(sampleEntry(1));
        await writer.putReceipts({ conversationId: CONVERSATION_ID, deliveredSeq: 1, readSeq: 0 });
      });
      const attempt = store.transaction(async (writer) => {
        await writer.putConversation(sampleConversation());
        await writer.putMessages([sampleMessage(1, { text: 'changed', version: 1 }), sampleMessage(2)]);
        await writer.deleteOutboxEntry(sampleEntry(1).clientMsgId);
        await writer.putSettings({ conversationId: CONVERSATION_ID, settings: { pinned: true } });
        await writer.deleteReceipts(CONVERSATION_ID);
        await writer.clearServerState();
        await writer.putLog({ ...EMPTY_LOG, position: 9 });
        throw new Error('cut');
      });
      await expect(attempt).rejects.toThrow('cut');
      await store.transaction(async (writer) => {
        expect(await writer.getConversation(CONVERSATION_ID)).toBeNull();
        expect(await writer.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 10 })).toEqual([sampleMessage(1)]);
        expect(await writer.listOutbox()).toEqual([sampleEntry(1)]);
        expect(await writer.listReceipts()).toHaveLength(1);
        expect(await writer.listSettings()).toEqual([]);
        expect(await writer.getLog()).toEqual(EMPTY_LOG);
      });
    });

    it('runs transactions one after another', async () => {
      const increment = () =>
        store.transaction(async (writer) => {
          const { position } = await writer.getLog();
          await writer.putLog({ ...EMPTY_LOG, position: position + 1 });
        });
      await Promise.all(Array.from({ length: 20 }, increment));
      expect((await store.read((reader) => reader.getLog())).position).toBe(20);
    });

    it('lists conversations pinned first, then by last activity, page by page', async () => {
      const rows = [
        sampleConversation({ id: sampleId('b', 1) as ConversationId, lastActivityAt: '2026-01-01T00:00:00Z' }),
        sampleConversation({ id: sampleId('b', 2) as ConversationId, lastActivityAt: '2026-01-01T00:00:00.000002Z' }),
        sampleConversation({ id: sampleId('b', 3) as ConversationId, lastActivityAt: '2026-01-01T00:00:00.1Z' }),
        sampleConversation({ id: sampleId('b', 4) as ConversationId, lastActivityAt: sampleTime(-60), pinned: true }),
      ];
      await store.transaction(async (writer) => {
        for (const row of rows) await writer.putConversation(row);
      });
      const list = (limit: number, offset: number) =>
        store.read(async (reader) => (await reader.listConversations({ limit, offset })).map(({ id }) => Number(id.slice(-1))));
      expect(await list(10, 0)).toEqual([4, 3, 2, 1]);
      expect(await list(2, 1)).toEqual([3, 2]);
      expect(await list(2, 4)).toEqual([]);
    });

    it('finds messages by range, by id, and by sender and client message id', async () => {
      const other = sampleId('b', 9) as ConversationId;
      await store.transaction((writer) =>
        writer.putMessages([
          sampleMessage(5),
          sampleMessage(3),
          sampleMessage(4),
          sampleMessage(9),
          sampleMessage(4, { conversationId: other, id: sampleId('c', 99) as MessageId, clientMsgId: 'elsewhere' as ClientMsgId }),
        ]),
      );
      await store.read(async (reader) => {
        const seqs = async (fromSeq: number, toSeq: number) =>
          (await reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq, toSeq })).map(({ seq }) => seq);
        expect(await seqs(4, 8)).toEqual([4, 5]);
        expect(await seqs(1, 100)).toEqual([3, 4, 5, 9]);
        expect(await seqs(0, 2)).toEqual([]);
        expect((await reader.getMessage(sampleMessage(9).id))?.seq).toBe(9);
        expect(await reader.findMessageByClientMsgId(PEER_ID, sampleMessage(3).clientMsgId)).toEqual(sampleMessage(3));
        expect(await reader.findMessageByClientMsgId(sampleId('a', 3) as UserId, sampleMessage(3).clientMsgId)).toBeNull();
      });
    });

    it('replaces a row by its key', async () => {
      const edited = sampleMessage(1, { text: 'edited', version: 1 });
      await store.transaction(async (writer) => {
        await writer.putMessages([sampleMessage(1)]);
        await writer.putMessages([edited]);
        await writer.putConversation(sampleConversation());
        await writer.putConversation(sampleConversation({ pinned: true }));
      });
      await store.read(async (reader) => {
        expect(await reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 1 })).toEqual([edited]);
        expect(await reader.getMessage(edited.id)).toEqual(edited);
        expect(await reader.listConversations({ limit: 10, offset: 0 })).toHaveLength(1);
      });
    });

    it('lists the outbox in the order written, whole or of one conversation', async () => {
      const other = sampleId('b', 2) as ConversationId;
      await store.transaction(async (writer) => {
        await writer.putOutboxEntry(sampleEntry(3));
        await writer.putOutboxEntry(sampleEntry(1));
        await writer.putOutboxEntry(sampleEntry(2, { conversationId: other }));
        await writer.putOutboxEntry(sampleEntry(1, { attempts: 2 }));
      });
      await store.read(async (reader) => {
        expect((await reader.listOutbox()).map(({ order, attempts }) => [order, attempts])).toEqual([
          [1, 2],
          [2, 0],
          [3, 0],
        ]);
        expect((await reader.listOutbox(CONVERSATION_ID)).map(({ order }) => order)).toEqual([1, 3]);
        expect(await reader.getOutboxEntry(sampleEntry(2).clientMsgId)).toMatchObject({ conversationId: other });
      });
      await store.transaction((writer) => writer.deleteOutboxEntry(sampleEntry(1).clientMsgId));
      expect(await store.read((reader) => reader.getOutboxEntry(sampleEntry(1).clientMsgId))).toBeNull();
    });

    it('keeps changes of messages among the messages of the outbox', async () => {
      const entries = [
        sampleEntry(1, { mayBeStored: true }),
        sampleChange(2, 7, { type: 'edit', text: 'better' }),
        sampleChange(3, 7, { type: 'reaction', userId: VIEWER_ID, emoji: null, before: '👍' }),
        sampleChange(4, 8, { type: 'delete' }, { state: { status: 'failed', code: 'conflict', message: 'gone' } }),
      ];
      await store.transaction(async (writer) => {
        for (const entry of entries) await writer.putOutboxEntry(entry);
      });
      await store.read(async (reader) => {
        expect(await reader.listOutbox()).toEqual(entries);
        expect(await reader.getOutboxEntry('change-3')).toEqual(entries[2]);
      });
    });

    it('keeps what is still to be told per conversation', async () => {
      const receipts = { conversationId: CONVERSATION_ID, deliveredSeq: 4, readSeq: 3 };
      const settings = { conversationId: CONVERSATION_ID, settings: { draft: 'half a sen' } };
      await store.transaction(async (writer) => {
        await writer.putReceipts(receipts);
        await writer.putSettings(settings);
      });
      await store.transaction(async (writer) => {
        expect(await writer.getReceipts(CONVERSATION_ID)).toEqual(receipts);
        expect(await writer.getSettings(CONVERSATION_ID)).toEqual(settings);
        await writer.deleteReceipts(CONVERSATION_ID);
        await writer.deleteSettings(CONVERSATION_ID);
      });
      await store.read(async (reader) => {
        expect(await reader.getReceipts(CONVERSATION_ID)).toBeNull();
        expect(await reader.getSettings(CONVERSATION_ID)).toBeNull();
      });
    });

    it('keeps where reading was left, per conversation, until it is left at the end', async () => {
      const other = sampleId('b', 2) as ConversationId;
      await store.transaction(async (writer) => {
        await writer.putPlace(CONVERSATION_ID, { seq: 4, offset: -12.5 });
        await writer.putPlace(other, { seq: 9, offset: 0 });
        await writer.putPlace(CONVERSATION_ID, { seq: 7, offset: 3 });
        expect(await writer.getPlace(CONVERSATION_ID)).toEqual({ seq: 7, offset: 3 });
      });
      const cut = store.transaction(async (writer) => {
        await writer.putPlace(CONVERSATION_ID, null);
        await writer.putPlace(other, { seq: 1, offset: 1 });
        throw new Error('cut');
      });
      await expect(cut).rejects.toThrow('cut');
      await store.transaction((writer) => writer.putPlace(other, null));
      await store.read(async (reader) => {
        expect(await reader.getPlace(CONVERSATION_ID)).toEqual({ seq: 7, offset: 3 });
        expect(await reader.getPlace(other)).toBeNull();
        expect(await reader.getPlace(sampleId('b', 3) as ConversationId)).toBeNull();
      });
    });

    it('clears what the server owns and keeps what the device still has to tell; or clears everything', async () => {
      await store.transaction(async (writer) => {
        await writer.putConversation(sampleConversation());
        await writer.putMessages([sampleMessage(1)]);
        await writer.putOutboxEntry(sampleEntry(1));
        await writer.putReceipts({ conversationId: CONVERSATION_ID, deliveredSeq: 1, readSeq: 0 });
        await writer.putSettings({ conversationId: CONVERSATION_ID, settings: { draft: 'x' } });
        await writer.putPlace(CONVERSATION_ID, { seq: 1, offset: 0 });
        await writer.putLog({ owner: VIEWER_ID, epoch: EPOCH, position: 3, olderConversations: null });
      });
      await store.transaction((writer) => writer.clearServerState());
      await store.read(async (reader) => {
        expect(await reader.listConversations({ limit: 10, offset: 0 })).toEqual([]);
        expect(await reader.getMessage(sampleMessage(1).id)).toBeNull();
        expect(await reader.findMessageByClientMsgId(PEER_ID, sampleMessage(1).clientMsgId)).toBeNull();
        expect(await reader.listOutbox()).toHaveLength(1);
        expect(await reader.listReceipts()).toHaveLength(1);
        expect(await reader.listSettings()).toHaveLength(1);
        expect(await reader.getPlace(CONVERSATION_ID)).toEqual({ seq: 1, offset: 0 });
        expect((await reader.getLog()).position).toBe(3);
      });
      await store.transaction((writer) => writer.clear());
      await store.read(async (reader) => {
        expect(await reader.listOutbox()).toEqual([]);
        expect(await reader.listReceipts()).toEqual([]);
        expect(await reader.listSettings()).toEqual([]);
        expect(await reader.getPlace(CONVERSATION_ID)).toBeNull();
        expect(await reader.getLog()).toEqual(EMPTY_LOG);
      });
    });
  });
}
