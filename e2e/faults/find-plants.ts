import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Deployment } from './deployment.ts';
import { type Plant, PLANTS } from './plants.ts';
import { type RunResult, runFaults } from './run.ts';

export interface PlantResult {
  plant: Plant;
  /** Whether a rule that the plant breaks was found broken. */
  found: boolean;
  result: RunResult;
}

/** Long enough for several faults of the plant's own kind. */
const SECONDS = 5;
/** A planted bug may keep a device from ever coming to rest. */
const SETTLE_MS = 10_000;

/** Plants one bug after another and looks for it. */
export async function findPlants(deployment: Deployment, seed: number, say: (sentence: string) => void): Promise<PlantResult[]> {
  const results: PlantResult[] = [];
  for (const plant of PLANTS) {
    const result = await runFaults({ deployment, seed, seconds: SECONDS, people: 2, devicesEach: 2, plant, settleMs: SETTLE_MS });
    await rm(dirname(result.historyFile), { recursive: true, force: true });
    const found = result.violations.some(({ rule }) => plant.breaks.includes(rule));
    const counts = [...new Set(result.violations.map(({ rule }) => rule))].map((rule) => `${rule} ${result.violations.filter((violation) => violation.rule === rule).length}`);
    say(`${found ? 'Found' : 'NOT FOUND'}: ${plant.name} (${counts.join(', ') || 'no violation'})`);
    results.push({ plant, result, found });
  }
  return results;
}
