import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openOwnPostgres, type OwnPostgres } from '../../test/own-postgres.ts';
import { WriteConnection } from '../write-path/write-connection.ts';
import { AnswerWatch } from './answer-watch.ts';
import { addressFromUrl, createPool } from './pool.ts';

const TIMES = { silentMs: 200, lookEveryMs: 20 };
const WAIT = { timeout: 20_000, interval: 5 };

let folder: string;
let one: OwnPostgres;
let other: OwnPostgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'answer-watch-'));
  await chmod(folder, 0o755);
  const open = async (name: string) => {
    await mkdir(join(folder, name));
    return openOwnPostgres(join(folder, name));
  };
  [one, other] = await Promise.all([open('one'), open('other')]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await rm(folder, { recursive: true });
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An address behind which one PostgreSQL may take the place of another, without a word to those who are connected. */
async function openWay(to: OwnPostgres) {
  const socketOf = ({ url }: OwnPostgres) => ({ path: join(decodeURIComponent(/@([^/]+)\//.exec(url)?.[1] ?? ''), '.s.PGSQL.5432') });
  let target = socketOf(to);
  const open = new Set<Socket>();
  const counts = { taken: 0, ended: 0 };
  const server: Server = createServer((near) => {
    const far = connect(target);
    counts.taken += 1;
    near.on('close', () => (counts.ended += 1));
    for (const [from, into] of [[near, far], [far, near]] as const) {
      open.add(from);
      from.on('error', () => undefined).on('close', () => open.delete(from));
      from.pipe(into);
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    for (const socket of open) socket.destroy();
  };
  closing.push(async () => {
    end();
    await new Promise((resolve) => server.close(resolve));
  });
  const { username, pathname } = new URL(to.url.replace(/@[^/]+/, '@host'));
  const { port } = server.address() as { port: number };
  return {
    address: addressFromUrl(`postgresql://${username}@127.0.0.1:${port}${pathname}`),
    lead(next: OwnPostgres) {
      for (const socket of open) socket.unpipe().pause();
      target = socketOf(next);
    },
    end,
    endOne: () => [...open].find((socket) => !socket.destroyed)?.destroy(),
    taken: () => counts.taken,
    ended: () => counts.ended,
  };
}

async function openWatched(to: OwnPostgres) {
  const way = await openWay(to);
  const gone: number[] = [];
  const watch = new AnswerWatch({ address: way.address, times: TIMES, onGone: (connections) => gone.push(connections) });
  const pool = watch.watch(createPool(watch.address, 2, () => undefined));
  closing.push(async () => {
    await pool.end();
    await watch.close();
  });
  // It asks which server is there before anybody waits.
  await vi.waitUntil(() => way.ended() > 0, WAIT);
  return { way, watch, pool, gone };
}

const serverOf = async (pool: pg.Pool) => (await pool.query<{ started: string }>('SELECT pg_postmaster_start_time()::text AS started')).rows[0]?.started;

describe('the watch over answers of PostgreSQL', () => {
  it.each([
    ['though nobody was told', false],
    ['though one connection alone was closed', true],
  ])('ends what waits for a server that is gone when another one answers in its place, and what is idle with it, %s', async (_case, isOneClosed) => {
    const { way, watch, pool, gone } = await openWatched(one);
    const before = await serverOf(pool);
    const write = new WriteConnection(watch.address, watch);
    closing.push(() => write.close());
    const select = { first: [{ name: 'one', text: 'SELECT 1', values: [] }], second: () => [] };
    await write.transaction(1, select);
    way.lead(other);
    if (isOneClosed) {
      // As by a new machine that knows nothing of it: no reason to believe those that say nothing.
      way.endOne();
      await vi.waitUntil(() => pool.totalCount === 0, WAIT);
    }
    const waiting: unknown = await write.transaction(1, select).catch((error: unknown) => error);
    expect(waiting).toMatchObject({ code: 'unavailable' });
    await vi.waitUntil(() => gone.length > 0, WAIT);
    expect(await serverOf(pool)).not.toBe(before);
    await write.transaction(1, select);
    expect(gone).toHaveLength(1);
  });

  it('leaves those alone who have an answer of the new server while others still wait for the one that is gone', async () => {
    const { way, watch, pool, gone } = await openWatched(one);
    let isWaiting = false;
    const began = (waiting: object) => {
      watch.began(waiting);
      isWaiting = true;
    };
    const write = new WriteConnection(watch.address, { began, ended: (waiting) => watch.ended(waiting) });
    closing.push(() => write.close());
    const select = { first: [{ name: 'one', text: 'SELECT 1', values: [] }], second: () => [] };
    await write.transaction(1, select);
    isWaiting = false;
    way.lead(other);
    const waiting = write.transaction(1, select).catch((error: unknown) => error);
    await vi.waitUntil(() => isWaiting, WAIT);
    const slow = pool.query('SELECT pg_sleep(1)');
    expect(await waiting).toMatchObject({ code: 'unavailable' });
    await slow;
    expect(gone).toEqual([1]);
  });

  it('leaves those alone who wait for a server that is slow or paused', async () => {
    const { way, pool, gone } = await openWatched(one);
    const slow = pool.query('SELECT pg_sleep(1)');
    await vi.waitUntil(() => way.taken() === 3 && way.ended() === 2, WAIT);
    await one.pause();
    // Asked again, and not answered either.
    await vi.waitUntil(() => way.taken() >= 5, WAIT);
    await one.resume();
    await slow;
    expect(gone).toEqual([]);
  });

  it('leaves those alone who wait for a server that was started anew and told so', async () => {
    const { way, pool, gone } = await openWatched(one);
    await pool.query('SELECT 1');
    // As the end of its connections tells.
    way.lead(other);
    way.end();
    await vi.waitUntil(() => pool.totalCount === 0, WAIT);
    const ended = way.ended();
    await vi.waitUntil(() => pool.query('SELECT 1').then(() => true, () => false), WAIT);
    await vi.waitUntil(() => way.ended() > ended, WAIT);
    await pool.query('SELECT pg_sleep(1)');
    expect(way.ended()).toBeGreaterThan(ended + 1);
    expect(gone).toEqual([]);
  });
});
