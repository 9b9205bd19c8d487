import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, SyncPage } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOwnPostgres, type OwnPostgres } from './own-postgres.ts';
import { createPeople, type Person } from './people.ts';
import { openStandby, type StandbyPostgres } from './standby-postgres.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let folders: [string, string];
let primary: OwnPostgres;
let standby: StandbyPostgres;
let system: TestServer;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  folders = await Promise.all([mkdtemp(join(tmpdir(), 'couplet-primary-')), mkdtemp(join(tmpdir(), 'couplet-standby-'))]);
  primary = await openOwnPostgres(folders[0]);
  standby = await openStandby(primary, folders[1]);
  system = await startTestServer({ env: { DATABASE_URL: primary.url, DATABASE_REPLICA_URL: standby.url } });
  [ana, bo] = (await createPeople(system, 'Ana', 'Bo')) as [Person, Person];
});
afterAll(async () => {
  await system.close();
  await standby.close();
  await primary.close();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

const found = async (query: string) =>
  (await system.call<{ items: { name: string }[] }>('GET', `/api/users?query=${query}`, { token: ana.token })).body.items.map(({ name }) => name);
const replay = (act: 'pause' | 'resume') => standby.query(`SELECT pg_wal_replay_${act}()`);

it('[S5] a replica answers searches for people; what one wrote or has to learn is read from the primary, however late the replica is', async () => {
  await standby.caughtUp();
  expect(await found('bo')).toEqual(['Bo']);
  await replay('pause');
  await createPeople(system, 'Cleo');
  expect(await found('cleo')).toEqual([]);

  const conversationId = await ana.conversationWith(bo);
  const sent: Message = await ana.send(conversationId, 'hello');
  await system.call('PATCH', '/api/users/me', { token: ana.token, body: { name: 'Ana Maria' } });
  const own = async (path: string, { token }: Person) => (await system.call<Record<string, unknown>>('GET', path, { token })).body;
  expect(await own('/api/users/me', ana)).toMatchObject({ name: 'Ana Maria' });
  expect(await own(`/api/users/${ana.id}`, bo)).toMatchObject({ name: 'Ana Maria' });
  const page: SyncPage = await bo.sync(0);
  expect(page.events.flatMap((event) => (event.type === 'chat.message.new' ? [event.message.id] : []))).toEqual([sent.id]);
  expect((await bo.history(conversationId)).map(({ id }) => id)).toEqual([sent.id]);
  expect(await own('/api/conversations', bo)).toMatchObject({ items: [{ id: conversationId, unreadCount: 1 }] });
  expect(await own('/api/sync/snapshot', bo)).toMatchObject({ position: page.position, messages: [{ id: sent.id }] });
  expect(await own('/api/search/messages?q=hello', bo)).toMatchObject({ items: [{ id: sent.id }] });

  await replay('resume');
  await standby.caughtUp();
  expect(await found('cleo')).toEqual(['Cleo']);
});

it('while the replica is gone the primary answers', async () => {
  await standby.close();
  await createPeople(system, 'Dan');
  expect(await found('dan')).toEqual(['Dan']);
  expect(await found('cleo')).toEqual(['Cleo']);
});
