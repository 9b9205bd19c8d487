import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorCode, SignedIn } from '@couplet/protocol';
import { loadConfig } from '../src/config.ts';
import type { ContextOverrides } from '../src/context.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { TEST_OVERRIDES } from './test-overrides.ts';

export const TEST_ADMIN_KEY = 'an-admin-key-that-only-tests-use-0000';
export const TEST_AUTH_SECRET = 'a-secret-that-only-tests-sign-with-00';

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface TestServer {
  server: RunningServer;
  database: TestDatabase;
  /** Calls the REST API; the body is whatever came back, as the test expects it. */
  call<Body>(method: string, path: string, options?: { token?: string; body?: unknown; headers?: Record<string, string> }): Promise<Answer<Body>>;
  /** The `code` of the problem that this call is answered with. */
  problemOf(method: string, path: string, options?: { token?: string; body?: unknown; headers?: Record<string, string> }): Promise<ErrorCode | undefined>;
  /** Somebody new, signed in. */
  signUp(name: string, more?: { username?: string; email?: string; phone?: string; password?: string }): Promise<SignedIn>;
  close(): Promise<void>;
}

export interface TestServerOptions extends ContextOverrides {
  env?: Record<string, string> | ((database: TestDatabase) => Record<string, string>);
  /** Of several nodes, which then belongs to whoever made it. */
  database?: TestDatabase;
}

/** A whole server on a free port, with a database of its own unless it is given one. Limits are off unless the environment says otherwise. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { env, database: given, ...overrides } = options;
  const database = given ?? (await createTestDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    RATE_LIMITS: 'off',
    AUTH_SECRET: TEST_AUTH_SECRET,
    ADMIN_API_KEY: TEST_ADMIN_KEY,
    ...(typeof env === 'function' ? env(database) : env),
  });
  const letGo = async () => {
    if (!given) await database.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const server = await startServer(config, { ...TEST_OVERRIDES, ...overrides, admissionBounds: { ...TEST_OVERRIDES.admissionBounds, ...overrides.admissionBounds } }).catch(async (cause: unknown) => {
    await letGo();
    throw cause;
  });

  const call: TestServer['call'] = async (method, path, { token, body, headers } = {}) => {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  let people = 0;
  return {
    server,
    database,
    call,
    async problemOf(method, path, callOptions) {
      const { body } = await call<{ code?: ErrorCode }>(method, path, callOptions);
      return body.code;
    },
    async signUp(name, more = {}) {
      people += 1;
      const given = { password: 'correct horse', name, ...(more.email ?? more.phone ?? more.username ? {} : { email: `person${people}@example.test` }), ...more };
      const { status, body } = await call<SignedIn>('POST', '/api/auth/register', { body: given });
      if (status !== 201) throw new Error(`Signing up was answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    async close() {
      await server.stop();
      await letGo();
    },
  };
}
