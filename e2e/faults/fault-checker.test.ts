import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from './deployment.ts';
import { CLUSTER_MIX, FULL_MIX } from './fault-mix.ts';
import { findPlants } from './find-plants.ts';
import { PLANTS } from './plants.ts';
import { runFaults } from './run.ts';

const SEED = 7;
/** Its first faults are a short pause of Redis and a stop of a node: the start after that takes long on a busy machine. */
const CLUSTER_SEED = 54;
/** A database, a server and four devices on a busy machine of two cores. */
const PATIENCE_MS = 240_000;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open();
}, PATIENCE_MS);
afterAll(() => deployment.close(), PATIENCE_MS);

describe('the fault checker', () => {
  it.each(['native', 'pusher'] as const)('finds no rule broken after a short run of every kind of fault, over the %s transport', async (transport) => {
    const mix = { ...FULL_MIX, linkQuietMs: 1_500, deviceQuietMs: 5_000, serverQuietMs: 5_000 };
    const result = await runFaults({ deployment, seed: SEED, seconds: 15, people: 2, devicesEach: 2, transport, mix });
    expect(result.violations).toEqual([]);
    // The run broke something, and something was said.
    expect(result.faults.size).toBeGreaterThan(8);
    expect(result.stored).toBeGreaterThan(50);
    await rm(dirname(result.historyFile), { recursive: true, force: true });
  }, PATIENCE_MS);

  it('[P2] finds no rule broken by three nodes behind nginx while nodes and their Redis come and go', async () => {
    const cluster = await Deployment.open({ nodes: 3 });
    try {
      const mix = { ...CLUSTER_MIX, linkQuietMs: 1_500, deviceQuietMs: 5_000, server: ['pause Redis', 'flush Redis', 'stop server', 'kill server'] as const, serverQuietMs: 500 };
      const isWatched = (looks: Readonly<Record<string, number>>) => ['Redis away, watched', 'nodes stopped, watched'].every((look) => (looks[look] ?? 0) > 0);
      const result = await runFaults({ deployment: cluster, seed: CLUSTER_SEED, seconds: 12, isEnough: isWatched, people: 2, devicesEach: 2, mix });
      expect(result.violations).toEqual([]);
      expect(result.looks).toSatisfy(isWatched);
      expect(result.stored).toBeGreaterThan(30);
      await rm(dirname(result.historyFile), { recursive: true, force: true });
    } finally {
      await cluster.close();
    }
  }, PATIENCE_MS);

  it('finds every planted bug, each by a rule that it breaks', async () => {
    const results = await findPlants(deployment, SEED, () => undefined);
    expect(results.filter(({ found }) => found).map(({ plant }) => plant.name)).toEqual(PLANTS.map(({ name }) => name));
  }, PATIENCE_MS);
});
