import type { SignedIn, User } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/test-server.ts';

describe('searching people', () => {
  let system: TestServer;
  let viewer: SignedIn;
  beforeAll(async () => {
    system = await startTestServer();
    viewer = await system.signUp('Viewer Žižek', { email: 'viewer@example.test' });
    await system.signUp('Žofie Nováková', { username: 'zofie_n' });
    await system.signUp("Conor O'Brien", { email: 'conor@example.test' });
    await system.signUp('王小明', { phone: '+8613800138000' });
    for (let i = 0; i < 5; i += 1) await system.signUp('Same Name');
  });
  afterAll(() => system.close());

  const search = async (query: string, more = '') =>
    (await system.call<{ items: User[]; nextCursor: string | null }>('GET', `/api/users?query=${encodeURIComponent(query)}${more}`, { token: viewer.accessToken })).body;
  const names = async (query: string) => (await search(query)).items.map(({ name }) => name);

  it.each([
    ['the beginning of a name, in any case', 'NOV', ['Žofie Nováková']],
    ['a name without its accents', 'zofie novak', ['Žofie Nováková']],
    ['words in any order', 'novakova zofie', ['Žofie Nováková']],
    ['a part of a username', 'zofie_n', ['Žofie Nováková']],
    ['a script without spaces', '小明', ['王小明']],
    ['a name with an apostrophe', "o'brien", ["Conor O'Brien"]],
    ['an exact email address', 'Conor@Example.test', ["Conor O'Brien"]],
    ['an exact phone number', '+8613800138000', ['王小明']],
    ['the middle of a name: nobody', 'ovakov', []],
    ['a part of an email address: nobody', 'example.test', []],
    ['a part of a phone number: nobody', '+86138', []],
    ['only signs: nobody', "':*&|!", []],
    ['a backslash: nobody', '\\', []],
  ])('by %s', async (_case, query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('finds neither oneself nor those who blocked one', async () => {
    expect(await names('žižek')).toEqual([]);
    const shy = await system.signUp('Shy Person');
    expect(await names('shy')).toEqual(['Shy Person']);
    await system.call('PUT', `/api/users/${viewer.user.id}/block`, { token: shy.accessToken });
    expect(await names('shy')).toEqual([]);
  });

  it('gives page after page without gaps or repeats', async () => {
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await search('same', `&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(new Set(found).size).toBe(5);
    expect(found).toHaveLength(5);
  });

  it('refuses a cursor of something else', async () => {
    expect(await system.problemOf('GET', '/api/users?query=same&cursor=bm9uc2Vuc2U', { token: viewer.accessToken })).toBe('validation_failed');
  });

  it('never shows an email address or a phone number', async () => {
    const { items } = await search('conor@example.test');
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(['avatarUrl', 'id', 'name', 'username']);
  });
});
