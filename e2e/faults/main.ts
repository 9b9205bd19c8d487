import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Deployment, REDIS_KINDS } from './deployment.ts';
import { findPlants } from './find-plants.ts';
import { OtherRevision } from './other-revision.ts';
import { runFaults } from './run.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    transport: { type: 'string', default: 'native' },
    planted: { type: 'boolean', default: false },
    people: { type: 'string', default: '3' },
    devices: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '1' },
    skew: { type: 'boolean', default: false },
    redis: { type: 'string', default: 'single' },
    standby: { type: 'boolean', default: false },
    other: { type: 'string', default: '' },
  },
});

const { transport, skew: isSkewed, standby: hasStandby, other } = values;
const redis = REDIS_KINDS.find((kind) => kind === values.redis);
const [minutes, seed, people, devicesEach, nodes] = [values.minutes, values.seed, values.people, values.devices, values.nodes].map(Number) as [number, number, number, number, number];
const isCluster = nodes > 1;
const isOfClusterOnly = redis !== 'single' || other !== '';
if (
  !(minutes > 0) || !Number.isSafeInteger(seed) || !(people >= 2 && people <= 6) || !(devicesEach >= 1) || !(Number.isSafeInteger(nodes) && nodes >= 1 && nodes <= 5) ||
  (values.planted && isCluster) || (isOfClusterOnly && !isCluster) || redis === undefined || (transport !== 'native' && transport !== 'pusher')
) {
  throw new Error('Usage: npm run check:faults -- [--minutes 2] [--seed N] [--people 3] [--devices 2] [--transport native|pusher] [--nodes 1] [--skew] [--redis single|sentinel|cluster] [--standby] [--other REVISION] [--planted]');
}

const say = (sentence: string): void => console.log(`• ${sentence}`);
const otherRevision = other === '' ? null : await OtherRevision.open(other, say);
const deployment = await Deployment.open({ nodes, isSkewed, redis, hasStandby, ...(otherRevision ? { otherMain: otherRevision.main } : {}) });
const closeAll = async () => {
  await deployment.close();
  await otherRevision?.close();
};
// Stopped halfway, nothing of it goes on: neither the server nor its database.
const endEarly = () => void closeAll().finally(() => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, endEarly);
// What breaks things runs beside the run itself: what it throws reaches nobody else.
process.once('uncaughtException', (error) => {
  console.error(error);
  endEarly();
});
try {
  if (values.planted) {
    const results = await findPlants(deployment, seed, say);
    if (results.some(({ found }) => !found)) process.exitCode = 1;
  } else {
    const result = await runFaults({ deployment, seed, seconds: minutes * 60, people, devicesEach, transport, say });
    console.log(tableOf(result));
    if (result.violations.length > 0) {
      process.exitCode = 1;
      console.log(`\n  The history is in ${result.historyFile}\n  Again: npm run check:faults -- --minutes ${minutes} --seed ${seed} --people ${people} --devices ${devicesEach} --transport ${transport}${isCluster ? ` --nodes ${nodes} --redis ${redis}` : ''}${isSkewed ? ' --skew' : ''}${hasStandby ? ' --standby' : ''}${other === '' ? '' : ` --other ${other}`}`);
    } else {
      await rm(dirname(result.historyFile), { recursive: true, force: true });
      console.log('\n  No violation.');
    }
  }
} finally {
  await closeAll();
}
// What killed devices left behind (a closing handshake that nobody answers) holds no result.
process.exit();
