import type { Session, SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../fanout/fanout.ts';
import { startTestServer, type TestServer } from '../../../test/test-server.ts';

describe('sessions', () => {
  const clock = { now: Date.now() };
  let system: TestServer;
  let ana: SignedIn;
  beforeAll(async () => {
    system = await startTestServer({ now: () => clock.now });
  });
  beforeEach(async () => {
    ana = await system.signUp('Ana');
  });
  afterAll(() => system.close());

  const signInAgain = async (headers: Record<string, string> = {}, deviceName?: string) => {
    clock.now += 1_000;
    const { body } = await system.call<SignedIn>('POST', '/api/auth/login', {
      body: { login: ana.user.email, password: 'correct horse', deviceName },
      headers,
    });
    return body;
  };
  const sessionsOf = async (token: string) => (await system.call<{ items: Session[] }>('GET', '/api/auth/sessions', { token })).body.items;

  it('are listed with the device they are on, the latest used first', async () => {
    await signInAgain({ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' });
    await signInAgain({ 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1' });
    const named = await signInAgain({}, "Ana's phone");
    const sessions = await sessionsOf(named.accessToken);
    expect(sessions.map(({ deviceName, current }) => [deviceName, current])).toEqual([
      ["Ana's phone", true],
      ['Safari on iPhone', false],
      ['Firefox on Linux', false],
      ['Unknown device', false],
    ]);
  });

  it('end at logout: the tokens stop working and the connections are told', async () => {
    const delivered: Delivery[] = [];
    const unsubscribe = await system.server.context.fanout.subscribe(ana.user.id, (delivery) => delivered.push(delivery));
    expect(await system.call('POST', '/api/auth/logout', { token: ana.accessToken })).toMatchObject({ status: 204 });
    unsubscribe();
    expect(delivered).toEqual([{ to: ana.user.id, payload: { type: 'session.revoked', sessionId: ana.sessionId } }]);
    expect(await system.problemOf('GET', '/api/users/me', { token: ana.accessToken })).toBe('session_revoked');
    expect(await system.problemOf('POST', '/api/auth/refresh', { body: { refreshToken: ana.refreshToken } })).toBe('session_revoked');
  });

  it('[X2] revoked from another device end at once on this node', async () => {
    const other = await signInAgain();
    expect(await system.call('GET', '/api/users/me', { token: other.accessToken })).toMatchObject({ status: 200 });
    const path = `/api/auth/sessions/${other.sessionId}`;
    expect(await system.call('DELETE', path, { token: ana.accessToken })).toMatchObject({ status: 204 });
    expect(await system.problemOf('GET', '/api/users/me', { token: other.accessToken })).toBe('session_revoked');
    expect(await system.call('DELETE', path, { token: ana.accessToken })).toMatchObject({ status: 204 });
    expect(await sessionsOf(ana.accessToken)).toHaveLength(1);
  });

  it('[X2] revoked on another node end here within three seconds', async () => {
    expect(await system.call('GET', '/api/users/me', { token: ana.accessToken })).toMatchObject({ status: 200 });
    await system.database.pool.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [ana.sessionId]);
    clock.now += 3_000;
    expect(await system.problemOf('GET', '/api/users/me', { token: ana.accessToken })).toBe('session_revoked');
  });

  it('[X1] are revoked by their own user only', async () => {
    const bo = await system.signUp('Bo');
    expect(await system.problemOf('DELETE', `/api/auth/sessions/${ana.sessionId}`, { token: bo.accessToken })).toBe('not_found');
    expect(await system.call('GET', '/api/users/me', { token: ana.accessToken })).toMatchObject({ status: 200 });
  });

  it('that ended long ago are removed when their user signs in', async () => {
    const month = 31 * 24 * 60 * 60 * 1_000;
    clock.now += month + 8 * 24 * 60 * 60 * 1_000;
    await signInAgain();
    const { rows } = await system.database.pool.query('SELECT count(*) AS kept FROM sessions WHERE user_id = $1', [ana.user.id]);
    expect(rows).toEqual([{ kept: 1 }]);
  });

  it('are asked of the database once for many requests at a time', async () => {
    const { authenticator } = system.server.context;
    const answers = await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate(ana.accessToken)));
    expect(new Set(answers.map(({ userId }) => userId))).toEqual(new Set([ana.user.id]));
  });
});
