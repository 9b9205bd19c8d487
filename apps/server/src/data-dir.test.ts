import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirError, ensureDataDir, keptSecret } from './data-dir.ts';

describe('the data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps a generated secret, for this user only', async () => {
    const secret = await keptSecret(join(folder, 'data'), 'auth-secret');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect((await stat(join(folder, 'data/auth-secret'))).mode & 0o777).toBe(0o600);
    expect(await keptSecret(join(folder, 'data'), 'auth-secret')).toBe(secret);
  });

  it('gives servers that start at once the same secret, and leaves nothing behind', async () => {
    const secrets = await Promise.all(Array.from({ length: 10 }, () => keptSecret(folder, 'auth-secret')));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['auth-secret']);
  });

  it('says so when there is a file in its place', async () => {
    await writeFile(join(folder, 'taken'), '');
    await expect(ensureDataDir(join(folder, 'taken'))).rejects.toThrow(DataDirError);
    await expect(ensureDataDir(join(folder, 'taken', 'below'))).rejects.toThrow(/a part of the path is a file/);
  });
});
