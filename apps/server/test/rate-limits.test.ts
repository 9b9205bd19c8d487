import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRedis, type TestRedis } from './test-redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

describe('limits of one node', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ env: { RATE_LIMITS: 'on' } });
  });
  afterAll(() => server.close());

  it.each<[limit: string, burst: number, beside: number, ask: (token: string, attempt: number) => ReturnType<TestServer['call']>]>([
    ['loginByAddress', 60, 1, (_, attempt) => server.call('POST', '/api/auth/login', { body: { login: `guess${attempt}@example.test`, password: 'a wrong password' } })],
    ['refreshByAddress', 240, 20, () => server.call('POST', '/api/auth/refresh', { body: { refreshToken: 'not one of ours' } })],
    ['uploadByUser', 60, 5, (token) => server.call('POST', '/api/uploads/presign', { token, body: { filename: 'a.png', contentType: 'image/png', sizeBytes: 9 } })],
    ['pusherAuthByUser', 1_500, 20, (token) => server.call('POST', '/api/pusher/user-auth', { token, body: { socket_id: '1.1' } })],
  ])('%s lets %i through at once, and refuses the rest with a time', async (limit, burst, beside, ask) => {
    const { accessToken } = await server.signUp(limit);
    let passed = 0;
    for (;;) {
      const answers = await Promise.all(Array.from({ length: beside }, (_, index) => ask(accessToken, passed + index)));
      const refused = answers.find(({ status }) => status === 429);
      passed += answers.filter(({ status }) => status !== 429).length;
      if (refused === undefined) continue;
      expect(refused.body).toMatchObject({ code: 'rate_limited' });
      expect(refused.headers.get('ratelimit-policy')).toMatch(new RegExp(`^"${limit}";q=${burst};w=`));
      break;
    }
    expect(passed).toBeGreaterThanOrEqual(burst);
  });
});

describe('limits of two nodes over one Redis', () => {
  let redis: TestRedis;
  let one: TestServer;
  let two: TestServer;
  beforeAll(async () => {
    redis = await startTestRedis();
    [one, two] = (await Promise.all(['one', 'two'].map((name) => startTestServer({ env: { RATE_LIMITS: 'on', REDIS_URL: redis.url, NODE_ID: name } })))) as [TestServer, TestServer];
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await redis.close();
  });

  const guess = (server: TestServer, login: string) => server.call<{ code: string }>('POST', '/api/auth/login', { body: { login, password: 'a wrong password' } });

  it('count guesses of one password together, and say when and how many', async () => {
    const answers = [];
    for (let i = 0; i < 12; i += 1) answers.push(await guess(i % 2 === 0 ? one : two, 'ana@guessed.test'));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const { headers, body } = answers.at(-1)!;
    expect(body).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(headers.get('ratelimit-policy')).toBe('"loginByAccount";q=10;w=60');
    expect(headers.get('ratelimit')).toBe(`"loginByAccount";r=0;t=${headers.get('retry-after')}`);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(30);
  });

  it('keep neither addresses nor logins in Redis', async () => {
    const keys = await redis.client.keys('*rate:*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => key.includes('guessed') || key.includes('127.0.0.1'))).toEqual([]);
    // Every one goes by itself.
    for (const key of keys) expect(await redis.client.ttl(key)).toBeGreaterThan(0);
  });

  it('count what somebody sends over both nodes together, without asking first', async () => {
    const send = (server: TestServer) => server.server.context.rateLimits.sendByUser.consume('somebody');
    // At once: a promise would be a round trip.
    const answers = Array.from({ length: 30 }, (_, index) => send(index % 2 === 0 ? one : two));
    expect(answers.filter((answer) => !(answer instanceof Promise) && answer.status === 'allowed')).toHaveLength(30);
    const counted = async () => {
      const [key] = await redis.client.keys('*rate:sendByUser*');
      return key === undefined ? 0 : Number(await redis.client.get(key));
    };
    let highest = 0;
    while (highest < 30) highest = Math.max(highest, await counted());
    expect(highest).toBe(30);
  });

  it('let one person search only so often', async () => {
    const cleo = await one.signUp('Cleo');
    const search = () => one.call('GET', '/api/users?query=cleo', { token: cleo.accessToken });
    const statuses = [];
    for (let i = 0; i < 31; i += 1) statuses.push((await search()).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('go on in each node’s memory when Redis is gone, and nobody is refused for that', async () => {
    await redis.kill();
    const answers = [];
    for (let i = 0; i < 12; i += 1) answers.push(await guess(i % 2 === 0 ? one : two, 'bo@guessed.test'));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 401));
    const more = [];
    for (let i = 0; i < 5; i += 1) more.push((await guess(one, 'bo@guessed.test')).status);
    expect(more).toEqual([401, 401, 401, 401, 429]);
    expect((await one.call('GET', '/readyz')).status).toBe(200);
    await redis.start();
  });
});
