import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test/test-server.ts';

let system: TestServer | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

it('is not ready without PostgreSQL, answers `unavailable`, and recovers by itself', async () => {
  // On the embedded one, which starts again a second after it was killed.
  system = await startTestServer({ env: { DATABASE_URL: '' } });
  const ana = await system.signUp('Ana');
  const pidFile = await readFile(join(system.server.context.config.dataDir, 'postgres/postmaster.pid'), 'utf8');
  const lost = once(system.server.context.database.pool, 'error');
  process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
  await lost;
  expect(await system.call('GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false } });
  expect(await system.call('GET', '/healthz')).toMatchObject({ status: 200 });
  const refused = await system.call('GET', '/api/users/me', { token: ana.accessToken });
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', retryable: true } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const { call } = system;
  await expect.poll(async () => (await call('GET', '/readyz')).status, { timeout: 10_000 }).toBe(200);
  expect(await system.call('GET', '/api/users/me', { token: ana.accessToken })).toMatchObject({ status: 200 });
});

it('[X8] finishes the request it has when it drains, and takes no new ones', async () => {
  system = await startTestServer();
  const { server } = system;
  const ana = await system.signUp('Ana');
  // A request held inside the server by a lock of ours.
  const holder = await system.database.pool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [ana.user.id]);
  const held = system.call('PATCH', '/api/users/me', { token: ana.accessToken, body: { name: 'Anabel' } });
  await expect.poll(async () => (await holder.query("SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rows[0]?.waiting).toBe(1);
  const drained = server.drain();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  await holder.query('COMMIT');
  holder.release();
  expect(await held).toMatchObject({ status: 200, body: { name: 'Anabel' } });
  await drained;
});
