import type { SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../fanout/fanout.ts';
import { startTestServer, type TestServer } from '../../../test/test-server.ts';
import { REFRESH_GRACE_MS } from './refresh-session.ts';

describe('refreshing a session', () => {
  const clock = { now: Date.now() };
  let system: TestServer;
  let ana: SignedIn;
  beforeAll(async () => {
    system = await startTestServer({ now: () => clock.now });
  });
  beforeEach(async () => {
    ana = await system.signUp('Ana');
    clock.now += 1_000;
  });
  afterAll(() => system.close());

  const refresh = (refreshToken: string) => system.call<SignedIn>('POST', '/api/auth/refresh', { body: { refreshToken } });
  const refusalOf = (refreshToken: string) => system.problemOf('POST', '/api/auth/refresh', { body: { refreshToken } });
  const meWith = (token: string) => system.call('GET', '/api/users/me', { token });

  it('[X6] trades the token for a new pair of the same session', async () => {
    const { status, body } = await refresh(ana.refreshToken);
    expect(status).toBe(200);
    expect(body.sessionId).toBe(ana.sessionId);
    expect(body.user).toEqual(ana.user);
    expect(body.refreshToken).not.toBe(ana.refreshToken);
    expect(body.accessToken).not.toBe(ana.accessToken);
    expect(await meWith(body.accessToken)).toMatchObject({ status: 200 });
  });

  it('[X6] two tabs refreshing at once both get the very same new pair', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(ana.refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    // And the pair goes on working.
    const [first] = answers;
    expect(await refresh(first?.body.refreshToken ?? '')).toMatchObject({ status: 200 });
  });

  it('[X6] a client whose answer was lost gets the same pair again, however long it takes, until that pair is used', async () => {
    const { body: lost } = await refresh(ana.refreshToken);
    clock.now += 60 * 60_000;
    expect((await refresh(ana.refreshToken)).body).toEqual(lost);
    // The access token of that answer has run out by now; its refresh token has not.
    const { body: next } = await refresh(lost.refreshToken);
    expect(await meWith(next.accessToken)).toMatchObject({ status: 200 });
    clock.now += REFRESH_GRACE_MS;
    expect((await refresh(lost.refreshToken)).body).toEqual(next);
  });

  it('[X6] reuse after the grace ends the session for whoever holds its tokens', async () => {
    const { body: current } = await refresh(ana.refreshToken);
    await meWith(current.accessToken);
    clock.now += REFRESH_GRACE_MS + 1;
    expect(await refusalOf(ana.refreshToken)).toBe('session_revoked');
    expect(await refusalOf(current.refreshToken)).toBe('session_revoked');
    expect(await system.problemOf('GET', '/api/users/me', { token: current.accessToken })).toBe('session_revoked');
  });

  it('[X6] reuse of a token older than the last one ends the session, within the grace too', async () => {
    const { body: second } = await refresh(ana.refreshToken);
    const { body: third } = await refresh(second.refreshToken);
    expect(await refusalOf(ana.refreshToken)).toBe('session_revoked');
    expect(await refusalOf(third.refreshToken)).toBe('session_revoked');
  });

  it('[X6] reuse ends that session only, and its connections are told', async () => {
    const other = await system.call<SignedIn>('POST', '/api/auth/login', { body: { login: ana.user.email, password: 'correct horse' } });
    const delivered: Delivery[] = [];
    const unsubscribe = await system.server.context.fanout.subscribe(ana.user.id, (delivery) => delivered.push(delivery));
    await refresh((await refresh(ana.refreshToken)).body.refreshToken);
    expect(await refusalOf(ana.refreshToken)).toBe('session_revoked');
    unsubscribe();
    expect(delivered.map(({ payload }) => payload)).toEqual([{ type: 'session.revoked', sessionId: ana.sessionId }]);
    expect(await refresh(other.body.refreshToken)).toMatchObject({ status: 200 });
  });

  it('[X6] a forged token neither works nor harms the session', async () => {
    const [sessionId, , mac = ''] = ana.refreshToken.split('.');
    for (const forged of [
      `${sessionId}.1.${mac}`,
      `${sessionId}.0.${mac.slice(1)}A`,
      `${sessionId}.0.${'A'.repeat(43)}`,
      `01a20034-2d71-7f3f-9cb3-fc69e9ce933f.0.${mac}`,
      `${sessionId}.-1.${mac}`,
      'nonsense',
      '\u0000',
    ]) {
      expect(await refusalOf(forged)).toBe('session_revoked');
    }
    expect(await refresh(ana.refreshToken)).toMatchObject({ status: 200 });
  });

  it('lets a session that is used live on, and one that is not run out', async () => {
    const month = 30 * 24 * 60 * 60 * 1_000;
    clock.now += month - 60_000;
    const { body: renewed } = await refresh(ana.refreshToken);
    clock.now += month - 60_000;
    const { status, body: again } = await refresh(renewed.refreshToken);
    expect(status).toBe(200);
    clock.now += month;
    expect(await refusalOf(again.refreshToken)).toBe('session_revoked');
  });

  it('works after the database was restored to an older generation', async () => {
    const { body: second } = await refresh(ana.refreshToken);
    await system.database.pool.query('UPDATE sessions SET generation = 0 WHERE id = $1', [ana.sessionId]);
    const { status, body: third } = await refresh(second.refreshToken);
    expect(status).toBe(200);
    expect(await refresh(third.refreshToken)).toMatchObject({ status: 200 });
  });
});
