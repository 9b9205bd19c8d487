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
const STILL_MS = 10_000;

/**
 * Plants the bugs and looks for each, in their order. Two at a time, with people
 * of their own: they mostly wait. What breaks the server breaks it for everybody
 * and comes alone, at the end.
 */
export async function findPlants(deployment: Deployment, seed: number, say: (sentence: string) => void): Promise<PlantResult[]> {
  const found = new Map<Plant, PlantResult>();
  const find = async (plant: Plant) => found.set(plant, await findPlant(plant, deployment, seed, say));
  const [alone, besideOthers] = [PLANTS.filter(breaksServer), PLANTS.filter((plant) => !breaksServer(plant))];
  const next = besideOthers.values();
  const lane = async () => {
    for (const plant of next) await find(plant);
  };
  await Promise.all([lane(), lane()]);
  for (const plant of alone) await find(plant);
  return PLANTS.flatMap((plant) => found.get(plant) ?? []);
}

function breaksServer({ mix, onDeployment }: Plant): boolean {
  return mix.server.length > 0 || onDeployment !== undefined;
}

async function findPlant(plant: Plant, deployment: Deployment, seed: number, say: (sentence: string) => void): Promise<PlantResult> {
  const result = await runFaults({ deployment, seed, seconds: SECONDS, people: 2, devicesEach: 2, plant, stillMs: STILL_MS });
  await rm(dirname(result.historyFile), { recursive: true, force: true });
  const found = result.violations.some(({ rule }) => plant.breaks.includes(rule));
  const counts = [...new Set(result.violations.map(({ rule }) => rule))].map((rule) => `${rule} ${result.violations.filter((violation) => violation.rule === rule).length}`);
  say(`${found ? 'Found' : 'NOT FOUND'}: ${plant.name} (${counts.join(', ') || 'no violation'})`);
  return { plant, result, found };
}
