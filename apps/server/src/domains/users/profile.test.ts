import type { SignedIn, SyncPage, User, Viewer } from '@couplet/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/test-server.ts';

describe('profiles and blocks', () => {
  let system: TestServer;
  let ana: SignedIn;
  let bo: SignedIn;
  beforeAll(async () => {
    system = await startTestServer();
  });
  beforeEach(async () => {
    [ana, bo] = [await system.signUp('Ana'), await system.signUp('Bo')];
  });
  afterAll(() => system.close());

  const converse = async () => {
    const { body } = await system.call<{ id: string }>('POST', '/api/conversations', { token: ana.accessToken, body: { userId: bo.user.id } });
    await system.call('POST', `/api/conversations/${body.id}/messages`, { token: ana.accessToken, body: { clientMsgId: `hello-${body.id}`, text: 'Hello' } });
  };
  const positionOf = async (who: SignedIn) => (await system.call<SyncPage>('GET', '/api/sync?since=0', { token: who.accessToken })).body.position;
  const eventsAfter = async (who: SignedIn, position: number) =>
    (await system.call<SyncPage>('GET', `/api/sync?since=${position}`, { token: who.accessToken })).body.events;
  const block = (method: 'PUT' | 'DELETE') => system.call(method, `/api/users/${bo.user.id}/block`, { token: ana.accessToken });

  it('show everybody the name, and only oneself the address', async () => {
    const me = await system.call<Viewer>('GET', '/api/users/me', { token: ana.accessToken });
    expect(me.body).toEqual(ana.user);
    const seen = await system.call<User>('GET', `/api/users/${ana.user.id}`, { token: bo.accessToken });
    expect(seen.body).toEqual({ id: ana.user.id, name: 'Ana', username: null, avatarUrl: null });
    expect(await system.problemOf('GET', '/api/users/01a20034-2d6b-7865-bdff-b76d14457b0f', { token: bo.accessToken })).toBe('not_found');
  });

  it('change what is given and leave the rest, also for the search', async () => {
    const patch = (body: unknown) => system.call<Viewer>('PATCH', '/api/users/me', { token: ana.accessToken, body });
    expect((await patch({ username: `u${ana.user.id.slice(-8)}` })).body).toMatchObject({ name: 'Ana', username: `u${ana.user.id.slice(-8)}` });
    expect((await patch({ name: '  Anabel  ' })).body).toMatchObject({ name: 'Anabel', username: `u${ana.user.id.slice(-8)}` });
    const found = async (query: string) => (await system.call<{ items: User[] }>('GET', `/api/users?query=${query}`, { token: bo.accessToken })).body.items;
    expect(await found(`anabel u${ana.user.id.slice(-8)}`)).toHaveLength(1);
    await system.signUp('Taken', { username: `t${ana.user.id.slice(-8)}` });
    expect((await patch({ username: `t${ana.user.id.slice(-8)}` })).body).toMatchObject({ code: 'already_registered' });
  });

  it('tell the people one talks with when they change, and only then', async () => {
    await converse();
    const before = await positionOf(bo);
    await system.call('PATCH', '/api/users/me', { token: ana.accessToken, body: { name: 'Anabel' } });
    await system.call('PATCH', '/api/users/me', { token: ana.accessToken, body: { name: 'Anabel' } });
    expect(await eventsAfter(bo, before)).toMatchObject([{ type: 'conversation.updated', position: before + 1, conversation: { peer: { name: 'Anabel' } } }]);
  });

  it('a block shows on the own devices only, and twice is once', async () => {
    await converse();
    const [mine, theirs] = [await positionOf(ana), await positionOf(bo)];
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE'] as const) expect(await block(method)).toMatchObject({ status: 204 });
    // An event is read as what it refers to stands now: both show the end of the block.
    expect(await eventsAfter(ana, mine)).toMatchObject([
      { type: 'conversation.updated', conversation: { blocked: false } },
      { type: 'conversation.updated', conversation: { blocked: false } },
    ]);
    expect(await eventsAfter(bo, theirs)).toEqual([]);
  });

  it('nobody blocks themselves or somebody who is not there', async () => {
    expect(await system.problemOf('PUT', `/api/users/${ana.user.id}/block`, { token: ana.accessToken })).toBe('validation_failed');
    expect(await system.problemOf('PUT', '/api/users/01a20034-2d6b-7865-bdff-b76d14457b0f/block', { token: ana.accessToken })).toBe('not_found');
    expect(await system.problemOf('DELETE', '/api/users/01a20034-2d6b-7865-bdff-b76d14457b0f/block', { token: ana.accessToken })).toBe('not_found');
  });
});
