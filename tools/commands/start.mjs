import { parseArgs } from 'node:util';
import { ensureInstalled } from '../installation.mjs';
import { StepFailed } from '../children.mjs';
import { assertPortIsFree } from '../checks/check-port.mjs';
import { buildEverything } from './build.mjs';
import { seedDemo } from './seed.mjs';
import { runServer } from './server.mjs';

const HELP = `npm start -- [options]

  --demo       with people and conversations to look at; sign in as ana@demo.test
               or bo@demo.test, password couplet-demo. Kept apart, in .couplet-demo
  --port <n>   instead of PORT or 4000
  --help       this text

Every other option is an environment variable: npm run server -- --help`;

export async function command(args) {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const env = { NODE_ENV: 'production' };
  if (options.port !== undefined) env.PORT = options.port;
  // Before minutes of installing and building.
  await assertPortIsFree(env.PORT ?? process.env.PORT ?? '4000', process.env.HOST ?? '127.0.0.1');
  await ensureInstalled();
  await buildEverything();
  if (options.demo) {
    // A demo's invented people do not belong among real ones, unless somebody says so.
    if (!process.env.DATA_DIR && !process.env.DATABASE_URL) env.DATA_DIR = DEMO_FOLDER;
    const code = await seedDemo(env);
    if (code !== 0) return code;
  }
  return runServer([], env);
}

function readOptions(args) {
  try {
    return parseArgs({ args, options: { demo: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new StepFailed(`${error.message}\n\n${HELP}`);
  }
}

const DEMO_FOLDER = '.couplet-demo';
