import { type ClientMsgId, type ConversationId, type Message, type MessageId, searchWords } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { StoredMessageSearch } from '../store/search-index.ts';
import type { Store } from '../store/store.ts';
import { CONVERSATION_ID, sampleId, sampleMessage, sampleTime } from './samples.ts';
import { seededRandom } from './seeded-random.ts';

const OTHER_ID = sampleId('b', 2) as ConversationId;

/** What every device database's search must do. */
export function describeSearch(store: () => Store): void {
  const put = (...messages: Message[]) => store().transaction((writer) => writer.putMessages(messages));
  const search = async (q: string, rest: Partial<StoredMessageSearch> = {}) =>
    (await store().read((reader) => reader.searchMessages({ words: searchWords(q), limit: 10, ...rest }))).map(({ seq }) => seq);

  it('finds messages by the beginnings of all words, in every language, the newest first', async () => {
    await put(
      sampleMessage(1, { text: 'Élodie kommt später, à bientôt!' }),
      sampleMessage(2, { text: 'später vielleicht; elodie@demo.test' }),
      sampleMessage(3, { text: '你好，世界 and ขอบคุณ' }),
      sampleMessage(4, { text: 'Ⴆაგრამ ꟃ 𐐀𐐁 Привет' }),
      sampleMessage(5, { text: '👍🏽' }),
      sampleMessage(6, { text: 'AND OR NOT NEAR "quoted" col:umn star* (paren) -minus ^caret' }),
    );
    expect(await search('elod')).toEqual([2, 1]);
    expect(await search('SPA elodie')).toEqual([2, 1]);
    expect(await search('elodie kommt')).toEqual([1]);
    expect(await search('lodie')).toEqual([]);
    expect(await search('世好')).toEqual([3]);
    expect(await search('𐐀')).toEqual([4]);
    expect(await search('прив')).toEqual([4]);
    expect(await search('and')).toEqual([6, 3]);
    expect(await search('not near or')).toEqual([6]);
    expect(await search('col:umn "star* ^')).toEqual([6]);
    expect(await search('👍🏽')).toEqual([]);
  });

  it('searches one conversation or all of them, page by page', async () => {
    const elsewhere = (seq: number, order: number) =>
      sampleMessage(seq, { conversationId: OTHER_ID, id: sampleId('c', order) as MessageId, clientMsgId: `other-${seq}` as ClientMsgId, text: `tea ${seq}` });
    await put(sampleMessage(1, { text: 'tea' }), sampleMessage(4, { text: 'tea' }), sampleMessage(9, { text: 'tea' }), elsewhere(1, 2), elsewhere(2, 5));
    expect(await search('tea')).toEqual([9, 2, 4, 1, 1]);
    expect(await search('tea', { conversationId: OTHER_ID })).toEqual([2, 1]);
    expect(await search('tea', { limit: 2 })).toEqual([9, 2]);
    expect(await search('tea', { limit: 2, before: sampleId('c', 5) as MessageId })).toEqual([4, 1]);
    expect(await search('tea', { conversationId: CONVERSATION_ID, before: sampleId('c', 4) as MessageId })).toEqual([1]);
    expect(await search('tea', { before: sampleId('c', 1) as MessageId })).toEqual([]);
  });

  it('follows edits and deletes, and forgets what is cleared', async () => {
    await put(sampleMessage(1, { text: 'coffee at nine' }), sampleMessage(2, { text: 'coffee at ten' }), sampleMessage(3, { text: 'coffee' }));
    await put(sampleMessage(1, { text: 'tea at nine', version: 1 }), sampleMessage(2, { text: 'coffee at ten', readAt: sampleMessage(2).createdAt }));
    await put(sampleMessage(3, { text: 'coffee', version: 1, deletedAt: sampleMessage(3).createdAt }));
    expect(await search('coffee')).toEqual([2]);
    expect(await search('tea')).toEqual([1]);
    // Another message under the same key, as after a restore of the server.
    await put(sampleMessage(2, { id: sampleId('c', 20) as MessageId, text: 'water' }));
    expect(await search('coffee')).toEqual([]);
    expect(await search('water')).toEqual([2]);
    await store().transaction((writer) => writer.clearServerState());
    expect(await search('tea')).toEqual([]);
    await put(sampleMessage(1, { text: 'tea again' }));
    expect(await search('tea')).toEqual([1]);
    await store().transaction((writer) => writer.clear());
    expect(await search('tea')).toEqual([]);
  });

  it('finds nothing of a transaction that rejects', async () => {
    await put(sampleMessage(1, { text: 'first words' }));
    const attempt = store().transaction(async (writer) => {
      await writer.putMessages([sampleMessage(1, { text: 'other words', version: 1 }), sampleMessage(2, { text: 'more words' })]);
      throw new Error('cut');
    });
    await expect(attempt).rejects.toThrow('cut');
    expect(await search('words')).toEqual([1]);
    expect(await search('first')).toEqual([1]);
    expect(await search('other')).toEqual([]);
  });

  it('finds what was left for later once it was taken in, as it is then, and nothing twice', async () => {
    const many = Array.from({ length: 150 }, (_, index) => sampleMessage(index + 1, { text: `tea ${index + 1}` }));
    await put(sampleMessage(400, { text: 'tea before' }));
    await store().transaction((writer) => writer.putMessages(many, 'later'));
    await put(sampleMessage(3, { text: 'coffee', version: 1 }), sampleMessage(4, { text: 'tea 4', version: 1, deletedAt: sampleMessage(4).createdAt }));
    await store().transaction((writer) => writer.putMessages([sampleMessage(5, { text: 'tea 5', readAt: sampleMessage(5).createdAt })], 'same'));
    let pieces = 0;
    for (let isComplete = false; !isComplete; pieces += 1) {
      isComplete = await store().transaction((writer) => writer.indexEarlierMessages(70));
      expect(pieces).toBeLessThan(20);
    }
    expect(await store().read((reader) => reader.isSearchComplete())).toBe(true);
    expect(await search('tea', { limit: 500 })).toEqual([400, ...many.map(({ seq }) => seq).filter((seq) => seq !== 3 && seq !== 4).reverse()]);
    expect(await search('coffee')).toEqual([3]);
  });

  it('finds in every history of writes what a look at all messages finds', async () => {
    const random = seededRandom(7);
    const pick = (from: number) => Math.floor(random.fraction() * from);
    const word = () => SYLLABLES[pick(SYLLABLES.length)]! + SYLLABLES[pick(SYLLABLES.length)]!;
    const model = createMemoryStore();
    const both = async (body: Parameters<Store['transaction']>[0]) => {
      await model.transaction(body);
      await store().transaction(body);
    };
    for (let round = 0; round < 30; round += 1) {
      const messages = Array.from({ length: 1 + pick(60) }, (): Message => {
        const seq = 1 + pick(40);
        const conversationId = pick(2) === 0 ? CONVERSATION_ID : OTHER_ID;
        return sampleMessage(seq, {
          conversationId,
          id: sampleId('c', seq * 2 + (conversationId === OTHER_ID ? 1 : 0)) as MessageId,
          clientMsgId: `${conversationId}-${seq}` as ClientMsgId,
          text: Array.from({ length: pick(5) }, word).join(pick(2) === 0 ? ' ' : ', '),
          ...(pick(6) === 0 ? { deletedAt: sampleTime(seq) } : {}),
        });
      });
      const isCleared = round === 15;
      await both(async (writer) => {
        if (isCleared) await writer.clearServerState();
        await writer.putMessages(messages);
      });
      for (let asked = 0; asked < 6; asked += 1) {
        const words = searchWords(`${word().slice(0, 1 + pick(4))} ${pick(2) === 0 ? word().slice(0, 1 + pick(2)) : ''}`);
        const query: StoredMessageSearch = {
          words,
          limit: 1 + pick(30),
          ...(pick(3) === 0 ? { conversationId: OTHER_ID } : {}),
          ...(pick(3) === 0 ? { before: sampleId('c', pick(90)) as MessageId } : {}),
        };
        const ids = async (searched: Store) => (await searched.read((reader) => reader.searchMessages(query))).map(({ id }) => id);
        expect(await ids(store())).toEqual(await ids(model));
      }
    }
  });
}

const SYLLABLES = ['a', 'ab', 'ba', 'Ab', 'é', 'e', 'ж', '好', 'ข', 'q9', '9', 'ß', 'ﬁ', 'ꟃ', 'İ'];
