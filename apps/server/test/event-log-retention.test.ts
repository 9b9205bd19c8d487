import type { Event, SyncPage } from '@couplet/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { trimEventLogs } from '../src/event-log/trim-event-logs.ts';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const DAY_MS = 24 * 60 * 60_000;

let system: TestServer;
let ana: Person;
let bo: Person;
beforeAll(async () => {
  system = await startTestServer();
});
afterAll(() => system.close());
beforeEach(async () => {
  [ana, bo] = (await createPeople(system, 'Ana', 'Bo')) as [Person, Person];
});

const query = (statement: string, values: unknown[] = []) => system.database.pool.query<{ n: number }>(statement, values);
const eventsOf = async ({ id }: Person) => (await query('SELECT count(*) AS n FROM events WHERE user_id = $1', [id])).rows[0]?.n;
const trim = () => system.server.context.logRetention.trim();

/** A conversation of which Bo read every message: for Ana messages and receipts in turn. Answers what her log holds. */
async function talk(messages: number): Promise<Event[]> {
  const conversationId = await ana.conversationWith(bo);
  for (let n = 0; n < messages; n += 1) {
    const { id } = await ana.send(conversationId, `number ${n}`);
    await system.call('POST', `/api/conversations/${conversationId}/read`, { token: bo.token, body: { lastReadMessageId: id } });
  }
  return (await ana.sync(0)).events;
}

/** As if everything in her log up to this position had happened that long ago. */
async function age(person: Person, upTo: number, days: number): Promise<void> {
  await query("UPDATE events SET at = now() - $3 * interval '1 day' WHERE user_id = $1 AND position <= $2", [person.id, upTo, days]);
}

describe('events older than the log is kept', () => {
  it('[S4] go; a position before the last of them is too old everywhere, from it on the log reads as before', async () => {
    const whole = await talk(10);
    await age(ana, 12, 31);
    await age(ana, 5, 400);
    const last = whole.filter((event) => event.position <= 12 && event.type !== 'chat.message.new').at(-1)?.position ?? 0;
    expect(await trim()).toBeGreaterThan(0);

    const tooOld = last - 1;
    for (const path of [`/api/sync?since=${tooOld}`, `/api/messages?since=${tooOld}`, `/api/chat/all/after?sequenceId=${tooOld}`, '/api/sync?since=0']) {
      expect([path, await system.problemOf('GET', path, { token: ana.token })]).toEqual([path, 'too_old']);
    }
    const socket = await ana.connect();
    expect(await socket.request('chat.sync', { since: tooOld })).toMatchObject({ type: 'error', data: { code: 'too_old' } });
    expect(await socket.request('chat.sync', { since: last })).toMatchObject({ type: 'chat.sync.result', data: { position: whole.at(-1)?.position } });
    socket.close();
    expect((await ana.sync(last)).events).toEqual(whole.filter((event) => event.position > last));
    // The other's log has nothing old, and messages are no events that go.
    expect((await bo.sync(0)).events.map((event) => event.position)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    expect(await ana.history(await ana.conversationWith(bo))).toHaveLength(10);
    expect(await trim()).toBe(0);
  });

  it('[S4] go in steps; whoever pages through the log meanwhile gets all of it or too_old, never a page with a hole', async () => {
    const whole = await talk(20);
    const end = whole.at(-1)?.position ?? 0;
    await age(ana, end, 31);
    const { eventLog } = system.server.context;
    const catchUp = async (since: number): Promise<number[] | 'too_old'> => {
      const seen: number[] = [];
      for (let position = since; ; ) {
        const page: SyncPage | 'too_old' = await eventLog.read(ana.id, { since: position, limit: 3 }).catch((error: { code: string }) => {
          expect(error.code).toBe('too_old');
          return 'too_old' as const;
        });
        if (page === 'too_old') return page;
        seen.push(...page.events.map((event) => event.position));
        position = page.position;
        if (!page.hasMore) return seen;
      }
    };
    let isTrimming = true;
    const trimming = trimEventLogs({ pool: system.database.pool, isStopped: () => false, step: { logs: 1, events: 1 } }, new Date().toISOString()).finally(() => {
      isTrimming = false;
    });
    const follow = async (since: number) => {
      const outcomes: (number[] | 'too_old')[] = [];
      while (isTrimming) outcomes.push(await catchUp(since));
      return outcomes;
    };
    const starts = [0, 5, 20, 30];
    const outcomes = await Promise.all(starts.map(follow));
    expect(await trimming).toBeGreaterThanOrEqual(20);
    starts.forEach((since, index) => {
      const expected = Array.from({ length: end - since }, (_, n) => since + n + 1);
      for (const seen of outcomes[index] ?? []) if (seen !== 'too_old') expect(seen).toEqual(expected);
      // All of it at first, and none of it in the end.
      expect(outcomes[index]).not.toEqual([]);
    });
    expect(outcomes.flat()).toContain('too_old');
    expect(outcomes.flat().some((seen) => seen !== 'too_old')).toBe(true);
    expect(await eventsOf(ana)).toBe(0);
  });

  it('[S1] leave the numbering as it is: the next event has the next position', async () => {
    const end = (await talk(3)).at(-1)?.position ?? 0;
    await age(ana, end, 31);
    await trim();
    await talk(1);
    expect((await ana.sync(end)).events.map((event) => event.position)).toEqual([end + 1, end + 2]);
  });

  it('stay when removing was broken off after a log had said what it gives up; the next run takes them', async () => {
    const end = (await talk(3)).at(-1)?.position ?? 0;
    await age(ana, end, 31);
    await query('UPDATE event_logs SET trimmed_position = $2 WHERE user_id = $1', [ana.id, end - 2]);
    expect(await system.problemOf('GET', '/api/sync?since=1', { token: ana.token })).toBe('too_old');
    await trim();
    expect(await eventsOf(ana)).toBe(0);
    expect((await query('SELECT trimmed_position AS n FROM event_logs WHERE user_id = $1', [ana.id])).rows).toEqual([{ n: end }]);
  });

  it('are looked for in every log, however many there are, and not past what one step takes', async () => {
    await query(`INSERT INTO users (id, name) SELECT md5('u' || n)::uuid, 'User ' || n FROM generate_series(1, 450) n`);
    await query(`INSERT INTO event_logs (user_id, last_position) SELECT md5('u' || n)::uuid, 3 FROM generate_series(1, 450) n`);
    await query(`INSERT INTO events (user_id, position, type, conversation_id, at)
      SELECT md5('u' || n)::uuid, p, 'conversation.updated', gen_random_uuid(), now() - (40 - p * 10) * interval '1 day' FROM generate_series(1, 450) n, generate_series(0, 2) p`);
    const cutoff = new Date(Date.now() - 25 * DAY_MS).toISOString();
    let steps = 0;
    const stopAfter = (most: number) => ({ pool: system.database.pool, isStopped: () => (steps += 1) > most });
    const first = await trimEventLogs(stopAfter(1), cutoff);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(400);
    steps = 0;
    expect(await trimEventLogs(stopAfter(100), cutoff)).toBe(900 - first);
    const { rows } = await query("SELECT count(*) AS n FROM events WHERE user_id IN (SELECT md5('u' || n)::uuid FROM generate_series(1, 450) n)");
    expect(rows).toEqual([{ n: 450 }]);
  });
});
