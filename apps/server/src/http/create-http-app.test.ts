import { request } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERROR_CODES, problemSchema, type SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, TEST_ADMIN_KEY, type TestServer } from '../../test/test-server.ts';

describe('the HTTP edge', () => {
  let system: TestServer;
  let webDir: string;
  let ana: SignedIn;
  beforeAll(async () => {
    webDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
    system = await startTestServer({ env: { WEB_DIR: webDir, ALLOWED_ORIGINS: 'https://shop.example.org' } });
    ana = await system.signUp('Ana');
  });
  afterAll(async () => {
    await system.close();
    await rm(webDir, { recursive: true });
  });

  const login = (body: unknown, headers: Record<string, string> = {}) => system.call('POST', '/api/auth/login', { body, headers });

  describe('answers every refusal with a problem document', () => {
    it.each([
      ['a body that is not JSON', '{"login": ', {}, 'bad_json'],
      ['a body that is not an object', '"login"', {}, 'validation_failed'],
      ['a body of another type', 'login=ana', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported_media_type'],
      ['a body in another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 'unsupported_media_type'],
      ['a compressed body', '{}', { 'content-encoding': 'gzip' }, 'unsupported_media_type'],
      ['a body past 64 KiB', JSON.stringify({ login: 'x'.repeat(65 * 1024) }), {}, 'body_too_large'],
      ['text that PostgreSQL cannot hold', JSON.stringify({ login: 'a\u0000b', password: 'correct horse' }), {}, 'validation_failed'],
      ['an empty body', '', {}, 'validation_failed'],
    ])('%s', async (_case, body, headers, code) => {
      const answer = await login(body, headers);
      const problem = problemSchema.parse(answer.body);
      expect(problem.code).toBe(code);
      expect(answer.status).toBe(ERROR_CODES[problem.code].status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
    });

    it('names every wrong field', async () => {
      const { body } = await system.call('POST', '/api/auth/register', { body: { password: 'short', name: '' } });
      expect(problemSchema.parse(body).errors?.map(({ path }) => path).sort()).toEqual(['email', 'name', 'password']);
    });

    it('an unknown path, and a known one with another method', async () => {
      expect(await system.problemOf('GET', '/api/no/such/thing')).toBe('not_found');
      expect(await system.problemOf('DELETE', '/api/config')).toBe('not_found');
      expect(await system.problemOf('POST', '/nowhere')).toBe('not_found');
    });

    it('a path that is not valid text', async () => {
      expect(await system.problemOf('GET', '/api/users/%E0%A4%A', { token: ana.accessToken })).toBe('validation_failed');
      expect(await system.problemOf('GET', '/api/users/nobody', { token: ana.accessToken })).toBe('validation_failed');
    });
  });

  it('lets the server API read larger bodies, and refuses still larger ones', async () => {
    const users = (bytes: number) => ({ token: TEST_ADMIN_KEY, body: { users: [{ name: 'x'.repeat(bytes) }] } });
    expect(await system.problemOf('POST', '/api/admin/users', users(1_000_000))).toBe('validation_failed');
    expect(await system.problemOf('POST', '/api/admin/users', users(2_200_000))).toBe('body_too_large');
  });

  it('asks who it is before it reads the body', async () => {
    expect(await system.problemOf('PATCH', '/api/users/me', { body: '{"name": ' })).toBe('not_authenticated');
    expect(await system.problemOf('POST', '/api/admin/users', { body: '{"users": ' })).toBe('not_authenticated');
    expect(await system.problemOf('POST', '/api/admin/users', { token: `${TEST_ADMIN_KEY}x`, body: '{"users": ' })).toBe('forbidden');
    expect(await system.problemOf('POST', '/api/admin/users', { token: ana.accessToken, body: {} })).toBe('forbidden');
  });

  it('keeps a sane request id and replaces any other', async () => {
    const idFor = async (given: string) => (await system.call('GET', '/api/config', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    expect(await idFor('edge-7:abc')).toBe('edge-7:abc');
    expect(await idFor('no spaces')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor('x'.repeat(500))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lets pages of the allowed origins call, and of no others', async () => {
    const preflight = (origin: string) => system.call('OPTIONS', '/api/users/me', { headers: { origin } });
    const allowed = await preflight('https://shop.example.org');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example.org');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await preflight('https://evil.example.org')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers the probes and the metrics', async () => {
    expect(await system.call('GET', '/healthz')).toMatchObject({ status: 200, body: { alive: true } });
    expect(await system.call('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    const metrics = await system.call<string>('GET', '/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    // Not to who asks through a proxy.
    expect((await fetch(`${system.server.url}/metrics/`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(404);
    expect(metrics.body).toContain('couplet_http_request_seconds_count{route="register",status="201"}');
  });

  it('documents itself without anything from elsewhere', async () => {
    const { body } = await system.call<{ paths: object }>('GET', '/api/openapi.json');
    expect(Object.keys(body.paths)).toContain('/api/auth/login');
    const page = await system.call<string>('GET', '/api/docs');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(loaded).toHaveLength(4);
    for (const path of loaded) expect(await system.call('GET', path)).toMatchObject({ status: 200 });
    expect(page.body).not.toMatch(/https?:\/\//);
  });

  describe('serves the web app', () => {
    it('or says that it is not built yet', async () => {
      const answer = await system.call('GET', '/');
      expect(answer).toMatchObject({ status: 503, body: expect.stringContaining('npm run build') });
    });

    it('with its first page for every route of its own, and its files by name', async () => {
      await mkdir(join(webDir, '_expo/static'), { recursive: true });
      await writeFile(join(webDir, 'index.html'), '<title>the app</title>');
      await writeFile(join(webDir, '_expo/static/entry-0123456789abcdef0123456789abcdef.js'), 'run()');
      for (const path of ['/', '/c/01a20034-2d6b-7865-bdff-b76d14457b0f', '/settings']) {
        const page = await system.call('GET', path, { headers: { accept: 'text/html' } });
        expect(page).toMatchObject({ status: 200, body: '<title>the app</title>' });
        expect(page.headers.get('cache-control')).toBe('no-cache');
        expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
        expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      }
      const script = await system.call('GET', '/_expo/static/entry-0123456789abcdef0123456789abcdef.js');
      expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(await system.call('GET', '/_expo/static/entry-gone.js')).toMatchObject({ status: 404 });
      expect(await system.call('GET', '/index.html')).toMatchObject({ status: 200 });
    });

    it('with the files that decide on its version asked for anew each time, under their own types', async () => {
      await writeFile(join(webDir, 'sw.js'), 'self');
      await writeFile(join(webDir, 'manifest.webmanifest'), '{}');
      for (const [path, type] of [
        ['/sw.js', /^text\/javascript/],
        ['/manifest.webmanifest', /^application\/manifest\+json/],
      ] as const) {
        const answer = await system.call('GET', path);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('cache-control')).toBe('no-cache');
        expect(answer.headers.get('content-type')).toMatch(type);
      }
      const page = await system.call('GET', '/', { headers: { accept: 'text/html' } });
      expect(page.headers.get('content-security-policy')).toContain("worker-src 'self'");
    });

    it('and nothing outside of its folder', async () => {
      await writeFile(join(webDir, '..', 'couplet-test-secret.txt'), 'secret');
      for (const path of ['/../couplet-test-secret.txt', '/%2e%2e/couplet-test-secret.txt', '/..%2fcouplet-test-secret.txt', '/_expo/%2e%2e%2f%2e%2e%2fcouplet-test-secret.txt']) {
        const answer = await rawGet(system.server.port, path);
        expect(answer).not.toContain('secret\n');
        expect(answer.endsWith('secret')).toBe(false);
      }
      await rm(join(webDir, '..', 'couplet-test-secret.txt'));
    });
  });
});

/** fetch() would tidy the path up before sending it. */
function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}
