import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SignedIn, signedInSchema, snapshotSchema } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/test-database.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

describe('the server as a process', () => {
  let dataDir: string;
  let database: TestDatabase;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
    database = await createTestDatabase();
  });
  afterAll(async () => {
    // What a failed test left running: told to stop, so that it takes its PostgreSQL along.
    for (const child of running) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Runs to the end with these variables and no others. */
  const run = async (env: Record<string, string>, ...args: string[]) => {
    const child = start(env, ...args);
    const output = collect(child);
    const [code] = await once(child, 'close');
    return { code, ...output };
  };

  it('prints every option with --help', async () => {
    const { code, stdout } = await run({}, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('DATABASE_URL');
  });

  it.each([
    ['an unknown option', ['--port=1'], {}, /^There is no option --port=1: .*\.\n$/],
    ['a wrong variable', [], { PORT: 'http' }, /^PORT must be a whole number from 0 to 65535, not "http"\.\n$/],
    ['an unreachable database', [], { DATABASE_URL: 'postgresql://127.0.0.1:1/chat' }, /^Cannot reach the PostgreSQL of DATABASE_URL at 127\.0\.0\.1:1\/chat: .*\.\n$/],
    ['an address of another machine', [], { HOST: '203.0.113.7', DATABASE_URL: 'ours' }, /^HOST 203\.0\.113\.7 is not an address of this machine: .*\.\n$/],
    ['a data folder that is a file', [], { DATA_DIR: 'file' }, /^DATA_DIR .* cannot be used: .*\.\n$/],
  ])('ends with one sentence for %s', async (_case, args, env, sentence) => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    const variables: Record<string, string> = { PORT: '0', DATA_DIR: join(dataDir, 'refused'), LOG_LEVEL: 'silent', ...env };
    if (variables['DATABASE_URL'] === 'ours') variables['DATABASE_URL'] = database.url;
    if (variables['DATA_DIR'] === 'file') variables['DATA_DIR'] = file;
    const { code, stdout, stderr } = await run(variables, ...args);
    expect(stderr).toMatch(sentence);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('names a busy port and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await run({ PORT: String(port), DATABASE_URL: database.url, DATA_DIR: join(dataDir, 'busy'), LOG_LEVEL: 'silent' });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`Port ${port} on 127.0.0.1 is in use by another program: stop that one, or choose another port, e.g. PORT=${port + 1}.\n`);
  });

  it('runs on an embedded PostgreSQL, alone on its data folder, until it is told to stop; killed, it is back at once', async () => {
    const env = { PORT: '0', DATA_DIR: join(dataDir, 'own'), LOG_LEVEL: 'silent' };
    const first = start(env);
    const firstUrl = await readyUrl(first);
    const registered = await post(`${firstUrl}/api/auth/register`, { username: 'survivor', password: 'correct horse', name: 'Survivor' });

    const second = await run(env);
    expect(second.code).toBe(1);
    expect(second.stderr).toBe(`The data folder ${env.DATA_DIR} is in use by the server with process id ${first.pid}: stop that one, or give this one another DATA_DIR.\n`);

    first.kill('SIGKILL');
    await once(first, 'close');
    const third = start(env);
    const thirdUrl = await readyUrl(third);
    const login = await post(`${thirdUrl}/api/auth/login`, { login: 'survivor', password: 'correct horse' });
    expect(login.user).toEqual(registered.user);

    third.kill('SIGTERM');
    const [code] = await once(third, 'close');
    expect(code).toBe(0);
    const { code: again } = await runUntilReady(env);
    expect(again).toBe(0);
  });

  it('[S4] gives a restored database a new numbering, but not while a server runs on it', async () => {
    const env = { PORT: '0', DATA_DIR: join(dataDir, 'restored'), LOG_LEVEL: 'silent' };
    const epochIn = async (url: string) => {
      const { accessToken } = await post(`${url}/api/auth/register`, { username: `person${Math.random()}`.replace('.', ''), password: 'correct horse', name: 'Person' });
      const answer = await fetch(`${url}/api/sync/snapshot`, { headers: { authorization: `Bearer ${accessToken}` } });
      return snapshotSchema.parse(await answer.json()).epoch;
    };
    const before = start(env);
    const epochBefore = await epochIn(await readyUrl(before));
    const refused = await run(env, '--new-epoch');
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is in use by the server') });
    before.kill('SIGTERM');
    await once(before, 'close');
    const renumbered = await run(env, '--new-epoch');
    expect(renumbered).toMatchObject({ code: 0, stderr: '' });
    const after = start(env);
    expect(await epochIn(await readyUrl(after))).not.toBe(epochBefore);
    after.kill('SIGTERM');
    await once(after, 'close');
  });

  const runUntilReady = async (env: Record<string, string>) => {
    const child = start(env);
    await readyUrl(child);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    return { code };
  };
});

const running = new Set<ChildProcess>();

function start(env: Record<string, string>, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  return output;
}

async function readyUrl(child: ChildProcess): Promise<string> {
  const output = collect(child);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = /^Couplet is ready at (\S+)$/m.exec(output.stdout)?.[1];
      if (url) resolve(url);
    });
    child.once('close', () => reject(new Error(`The server ended: ${output.stderr}`)));
  });
}

async function post(url: string, body: unknown): Promise<SignedIn> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return signedInSchema.parse(await response.json());
}
