import { CoupletError, type ErrorCode, type Message } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import { sampleMessage, sampleTime } from '../testing/index.ts';
import { MessageSearch } from './message-search.ts';

const seqs = ({ items }: { items: Message[] }) => items.map(({ seq }) => seq);
const tea = (seq: number, change: Partial<Message> = {}) => sampleMessage(seq, { text: `tea ${seq}`, ...change });

/** A device with these messages and a server that pages through those, two at a time. */
async function scene(onDevice: Message[], onServer: Message[]) {
  const store = createMemoryStore();
  await store.transaction((writer) => writer.putMessages(onDevice));
  const server: { failure: ErrorCode | null; asked: number } = { failure: null, asked: 0 };
  const newestFirst = [...onServer].sort((a, b) => b.seq - a.seq);
  const search = new MessageSearch({
    store,
    async searchServer({ cursor }) {
      server.asked += 1;
      if (server.failure !== null) throw new CoupletError(server.failure);
      const from = Number(cursor ?? 0);
      return { items: newestFirst.slice(from, from + 2), nextCursor: from + 2 < newestFirst.length ? String(from + 2) : null };
    },
  });
  return { search, server };
}

it('finds on the device without asking anybody', async () => {
  const { search, server } = await scene([tea(1), tea(2), sampleMessage(3)], []);
  const page = await search.searchDevice({ q: 'TEA' });
  expect(seqs(page)).toEqual([2, 1]);
  expect(page).toMatchObject({ scope: 'device', nextCursor: null });
  expect(server.asked).toBe(0);
});

it('lays the server’s pages over what the device has: one order, nothing twice, nothing lost between pages', async () => {
  const { search } = await scene([tea(1), tea(3), tea(6), tea(7)], [tea(1), tea(2), tea(3), tea(4), tea(5), tea(6)]);
  const first = await search.search({ q: 'tea' });
  const second = await search.search({ q: 'tea', cursor: first.nextCursor ?? '' });
  const third = await search.search({ q: 'tea', cursor: second.nextCursor ?? '' });
  // 7 arrived while the server was asked.
  expect([seqs(first), seqs(second), seqs(third)]).toEqual([[7, 6, 5], [4, 3], [2, 1]]);
  expect(third).toMatchObject({ scope: 'everywhere', nextCursor: null });
});

it('shows a message as the device knows it where the server’s answer is older', async () => {
  const { search } = await scene([tea(1, { text: 'coffee', version: 1 }), tea(2, { version: 2, text: 'more tea' }), tea(3, { version: 1, deletedAt: sampleTime(9) })], [tea(1), tea(2), tea(3), tea(4)]);
  const first = await search.search({ q: 'tea' });
  const second = await search.search({ q: 'tea', cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items].map(({ text }) => text)).toEqual(['tea 4', 'more tea']);
});

it('goes on with the device’s messages when the server cannot be asked, and says so', async () => {
  const { search, server } = await scene([tea(1), tea(2), tea(6)], [tea(1), tea(2), tea(3), tea(4), tea(5), tea(6)]);
  const first = await search.search({ q: 'tea' });
  expect(seqs(first)).toEqual([6, 5]);
  server.failure = 'unavailable';
  expect(await search.search({ q: 'tea', cursor: first.nextCursor ?? '' })).toMatchObject({ items: [tea(2), tea(1)], scope: 'device', nextCursor: null });
  expect(seqs(await search.search({ q: 'tea' }))).toEqual([6, 2, 1]);
});

it('pages through the device alone, and stays there', async () => {
  const { search, server } = await scene(Array.from({ length: 45 }, (_, index) => tea(index + 1)), []);
  server.failure = 'unavailable';
  const found: number[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await search.search({ q: 'tea', ...(cursor === undefined ? {} : { cursor }) });
    found.push(...seqs(page));
    cursor = page.nextCursor;
  }
  expect(found).toEqual(Array.from({ length: 45 }, (_, index) => 45 - index));
  expect(server.asked).toBe(1);
});

it('rejects with what another try would not change', async () => {
  const { search, server } = await scene([tea(1)], []);
  server.failure = 'not_found';
  await expect(search.search({ q: 'tea' })).rejects.toMatchObject({ code: 'not_found' });
});
