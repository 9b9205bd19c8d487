import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from './data-dir-lock.ts';

describe('the lock of a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('refuses a second server and names the first', async () => {
    const lock = await lockDataDir(folder);
    const refusal = await lockDataDir(folder).catch((cause: unknown) => cause);
    expect(refusal).toBeInstanceOf(DataDirInUseError);
    expect(String(refusal)).toContain(`process id ${process.pid}`);
    await lock.close();
    await (await lockDataDir(folder)).close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets exactly one of many starters in', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is free again after its owner was killed', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(owner, 'spawn');
    await writeLock({ pid: owner.pid, startMark: null, host: hostname(), nonce: 'a' });
    await expect(lockDataDir(folder)).rejects.toThrow(DataDirInUseError);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await (await lockDataDir(folder)).close();
  });

  it('does not take another process with the same id for its owner', async () => {
    await writeLock({ pid: process.pid, startMark: 'another time', host: hostname(), nonce: 'a' });
    await (await lockDataDir(folder)).close();
  });

  it('is not blocked by a damaged lock', async () => {
    await writeFile(join(folder, 'server.lock'), '{"pid": 1');
    await (await lockDataDir(folder)).close();
  });

  function writeLock(owner: unknown): Promise<void> {
    return writeFile(join(folder, 'server.lock'), JSON.stringify(owner));
  }
});
