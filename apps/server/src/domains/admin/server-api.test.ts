import type { Viewer } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, TEST_ADMIN_KEY, type TestServer } from '../../../test/test-server.ts';

type Saved = Viewer & { externalId: string | null };

describe('the server API', () => {
  const clock = { now: Date.now() };
  let system: TestServer;
  beforeAll(async () => {
    system = await startTestServer({ now: () => clock.now });
  });
  afterAll(() => system.close());

  const create = (users: unknown[]) => system.call<{ users: Saved[] }>('POST', '/api/admin/users', { token: TEST_ADMIN_KEY, body: { users } });
  const userCount = async () => (await system.database.pool.query('SELECT count(*) AS users FROM users')).rows[0]?.users as number;

  it('creates 1,000 users at once, answered in order, each with an event log', async () => {
    const given = Array.from({ length: 1_000 }, (_, i) => ({ externalId: `shop-${i}`, username: `shopper${i}`, name: `Shopper ${i}`, avatarUrl: `https://shop.example.org/${i}.png` }));
    const { status, body } = await create(given);
    expect(status).toBe(200);
    expect(body.users.map(({ externalId, username, name, avatarUrl }) => ({ externalId, username, name, avatarUrl }))).toEqual(given);
    const { rows } = await system.database.pool.query('SELECT count(*) AS logs FROM event_logs WHERE user_id = ANY($1::uuid[])', [body.users.map(({ id }) => id)]);
    expect(rows).toEqual([{ logs: 1_000 }]);
    expect((await create(given)).body).toEqual(body);
  });

  it('updates those whose externalId is known and leaves what is not given', async () => {
    const [first] = (await create([{ externalId: 'u-1', username: 'updated', email: 'u1@example.test', name: 'Before' }])).body.users;
    const [second, fresh] = (await create([{ externalId: 'u-1', name: 'After' }, { externalId: 'u-2', name: 'Fresh' }])).body.users;
    expect(second).toEqual({ ...first, name: 'After' });
    expect(fresh?.id).not.toBe(first?.id);
    // The search finds the new name together with the kept username.
    const viewer = await system.signUp('Viewer');
    const found = await system.call<{ items: unknown[] }>('GET', '/api/users?query=after%20updated', { token: viewer.accessToken });
    expect(found.body.items).toHaveLength(1);
  });

  it('creates a user per call without an externalId', async () => {
    const ids = [...(await create([{ name: 'Anonymous' }, { name: 'Anonymous' }])).body.users, ...(await create([{ name: 'Anonymous' }])).body.users].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it('changes nothing when one of them conflicts', async () => {
    await create([{ externalId: 'c-1', username: 'conflicted', name: 'First' }]);
    const before = await userCount();
    const refused = await create([{ externalId: 'c-1', name: 'Renamed' }, { externalId: 'c-2', name: 'New' }, { username: 'conflicted', name: 'Thief' }]);
    expect(refused).toMatchObject({ status: 409, body: { code: 'already_registered' } });
    expect(await userCount()).toBe(before);
    expect((await system.database.pool.query("SELECT name FROM users WHERE external_id = 'c-1'")).rows).toEqual([{ name: 'First' }]);
    expect(await create([{ externalId: 'd-1', name: 'A' }, { externalId: 'd-1', name: 'B' }])).toMatchObject({ status: 400, body: { errors: [{ path: 'users.1.externalId' }] } });
  });

  it('makes each user once when the same list comes many times at once', async () => {
    const list = Array.from({ length: 50 }, (_, i) => ({ externalId: `race-${i}`, name: `Racer ${i}` }));
    const answers = await Promise.all([create(list), create(list.toReversed()), create(list), create(list.toReversed())]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const ids = answers.flatMap(({ body }) => body.users.map(({ id }) => id));
    expect(new Set(ids).size).toBe(50);
  });

  it('hands out access tokens that cannot be refreshed and end by themselves', async () => {
    const [user] = (await create([{ externalId: 't-1', name: 'Token' }])).body.users;
    const { status, body } = await system.call<{ accessToken: string; expiresAt: string }>('POST', `/api/admin/users/${user?.id}/token`, { token: TEST_ADMIN_KEY });
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresAt']);
    expect(await system.call('GET', '/api/users/me', { token: body.accessToken })).toMatchObject({ status: 200, body: { name: 'Token' } });
    clock.now = Date.parse(body.expiresAt) + 10_000;
    expect(await system.problemOf('GET', '/api/users/me', { token: body.accessToken })).toBe('not_authenticated');
  });

  it('hands out tokens for many users in order, or for none', async () => {
    const { users } = (await create(Array.from({ length: 20 }, (_, i) => ({ externalId: `many-${i}`, name: `Many ${i}` })))).body;
    const userIds = users.map(({ id }) => id).reverse();
    const { body } = await system.call<{ tokens: { userId: string; accessToken: string }[] }>('POST', '/api/admin/tokens', { token: TEST_ADMIN_KEY, body: { userIds } });
    expect(body.tokens.map(({ userId }) => userId)).toEqual(userIds);
    expect(new Set(body.tokens.map(({ accessToken }) => accessToken)).size).toBe(20);
    const unknown = '01a20034-2d6b-7865-bdff-b76d14457b0f';
    const refused = await system.call('POST', '/api/admin/tokens', { token: TEST_ADMIN_KEY, body: { userIds: [...userIds, unknown] } });
    expect(refused).toMatchObject({ status: 404, body: { detail: expect.stringContaining(unknown) } });
  });
});
