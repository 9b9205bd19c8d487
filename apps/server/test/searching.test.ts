import fc from 'fast-check';
import { type ConversationId, type Message, searchWords } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findByWords, type Pace, type WordsQuery } from '../src/domains/messages/find-by-words.ts';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** Texts with beginnings in common, a word per character, and one that only a stranger writes. */
const TEXTS = ['alpha beta', 'alphabet', 'al gamma 天気', 'alp al', '天 beta', 'gamma alphabetical', 'b'];
const SEARCHED = ['a', 'al', 'alph', 'alpha be', 'alphabet', 'b', '天', '天気', 'gamma al', 'beta 天', 'zebra', 'z'];
const MESSAGES = 60;
/** All of them within the life of an access token. */
const STEP_MS = 8_000;
/** The clocks of the nodes that stored them were that far off either way. */
const SKEW_MS = 3 * STEP_MS;

let server: TestServer;
let ana: Person;
let all: Message[];
let conversationIds: ConversationId[];
let now = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  server = await startTestServer({ now: () => now });
  const [first, bo, cy, stranger] = (await createPeople(server, 'Ana', 'Bo', 'Cy', 'Stranger')) as [Person, Person, Person, Person];
  ana = first;
  conversationIds = [await ana.conversationWith(bo), await ana.conversationWith(cy)];
  await stranger.send(await stranger.conversationWith(bo), 'zebra alphabet');
  const begun = now;
  all = [];
  for (let n = 0; n < MESSAGES; n += 1) {
    now = begun + n * STEP_MS + Math.round(((n * 7) % 13) / 6) * SKEW_MS;
    const [conversationId, peer] = n % 3 === 0 ? [conversationIds[1], cy] : [conversationIds[0], bo];
    all.push(await (n % 2 === 0 ? ana : peer).send(conversationId as ConversationId, `${TEXTS[(n * 5) % TEXTS.length]} ${n}`));
  }
  const gone = all.splice(10, 1);
  await server.call('DELETE', `/api/messages/${gone[0]?.id}`, { token: gone[0]?.senderId === ana.id ? ana.token : bo.token });
});
afterAll(() => server.close());

/** By a look at every message. */
function expected(q: string, query: Omit<WordsQuery, 'viewerId' | 'words'>): string[] {
  return all
    .filter(({ id, conversationId, text }) => {
      const words = searchWords(text ?? '');
      return (query.conversationId ?? conversationId) === conversationId && (query.before === undefined || id < query.before) && searchWords(q).every((begun) => words.some((word) => word.startsWith(begun)));
    })
    .map(({ id }) => id)
    .sort()
    .reverse()
    .slice(0, query.limit);
}

it('finds what a look at every message finds, whatever the steps, the words and the place', async () => {
  const pace: fc.Arbitrary<Pace> = fc.record({
    steps: fc.tuple(fc.integer({ min: 16, max: 20 }), fc.integer({ min: 1, max: 30 })),
    stepsBeforeIndex: fc.integer({ min: 1, max: 4 }),
    skewMs: fc.constantFrom(2 * SKEW_MS, 10 * SKEW_MS),
  });
  await fc.assert(
    fc.asyncProperty(pace, fc.constantFrom(...SEARCHED), fc.constantFrom(undefined, 0, 1), fc.option(fc.nat(MESSAGES - 2)), fc.integer({ min: 1, max: 12 }), async (steps, q, which, from, limit) => {
      const query = { conversationId: which === undefined ? undefined : conversationIds[which], before: from === null ? undefined : all[from]?.id, limit };
      const found = await findByWords(server.database.pool, { ...query, viewerId: ana.id, words: searchWords(q) }, steps);
      expect(found).toEqual(expected(q, query));
    }),
    { numRuns: 300 },
  );
});

it('pages through all of them over the API, newest first, and finds nothing of others', async () => {
  for (const q of SEARCHED) {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `q=${encodeURIComponent(q)}&limit=7${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body }: { body: { items: Message[]; nextCursor: string | null } } = await server.call('GET', `/api/search/messages?${query}`, { token: ana.token });
      found.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect([q, found]).toEqual([q, expected(q, { limit: MESSAGES })]);
  }
});
