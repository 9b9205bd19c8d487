// The one door to every command of this repository: `node tools/run.mjs <command>`.
// Plain JavaScript without dependencies, so that any Node ≥ 18 can begin with it;
// what is missing is installed before the command itself is loaded.
import { ensureNode, nodeIsNewEnough } from './node-version.mjs';
import { closeAll, endWithParent, rerun } from './children.mjs';

const COMMANDS = {
  start: {
    words: 'Install and build what is missing, then run everything on one port.',
    usage: 'npm start -- [--demo] [--port 4000]',
    load: () => import('./commands/start.mjs'),
  },
  build: {
    words: 'Build the server and the web app for production.',
    usage: 'npm run build',
    load: () => import('./commands/build.mjs'),
  },
  server: {
    words: 'Run the built server alone, in production mode, configured by the environment.',
    usage: 'npm run server -- [--help]',
    load: () => import('./commands/server.mjs'),
  },
  dev: {
    words: 'Run server and app from their sources and restart on change.',
    usage: 'npm run dev',
    load: () => import('./commands/dev.mjs'),
  },
  seed: {
    words: 'Fill a database with a realistic data set.',
    usage: 'npm run seed -- [--users 200] [--conversations 200] [--messages 50000] [--seed 1] [--url postgres://…]',
    load: () => import('./commands/seed.mjs'),
  },
  bench: {
    words: 'Measure throughput and latency.',
    usage: 'npm run bench -- [profile]',
    load: () => import('./commands/bench.mjs'),
  },
  'bench:app': {
    words: 'Measure the app in a browser, with 50,000 messages on the device.',
    usage: 'npm run bench:app -- [50000 | pictures [minutes]]',
    load: () => import('./commands/bench-app.mjs'),
  },
  'bench:database': {
    words: 'Measure what requests cost a PostgreSQL with many messages, and by which indexes it finds them.',
    usage: 'npm run bench:database -- [--messages 1000000] [--folder <path>]',
    load: () => import('./commands/bench-database.mjs'),
  },
  'check:faults': {
    words: 'Break the network, devices, servers, Redis and PostgreSQL, and compare everything afterwards.',
    usage: 'npm run check:faults -- [--minutes 2] [--seed 1] [--people 3] [--devices 2] [--transport native|pusher] [--nodes 1] [--skew] [--planted]',
    load: () => import('./commands/check-faults.mjs'),
  },
  'check:kills': {
    words: 'Kill a browser at random instants while somebody writes, and look for what was lost or doubled.',
    usage: 'npm run check:kills -- [--kills 120] [--seed 1]',
    load: () => import('./commands/check-kills.mjs'),
  },
  test: {
    words: 'Run every check and test, or those that the words name (a step, or a part of a path).',
    usage: 'npm test -- [types|lint|imports|rules|repository|unit|tools|journeys|exports|<file>]…',
    load: () => import('./commands/test.mjs'),
  },
};

const [name = 'help', ...args] = process.argv.slice(2);

if (name === 'help' || name === '--help') {
  printHelp();
} else if (!Object.hasOwn(COMMANDS, name)) {
  console.error(`There is no command "${name}".\n`);
  printHelp();
  process.exitCode = 2;
} else if (!nodeIsNewEnough(process.versions.node)) {
  endWithParent();
  const node = await ensureNode();
  process.exitCode = await rerun(node, [process.argv[1], name, ...args]);
} else {
  endWithParent();
  try {
    const { command } = await COMMANDS[name].load();
    process.exitCode = await command(args);
  } catch (error) {
    // A failed step says what to do in its message; the stack would only hide it.
    console.error(error?.name === 'StepFailed' ? `\n${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await closeAll();
  }
}

function printHelp() {
  console.log('Couplet, a self-hosted one-to-one messenger. Commands:\n');
  for (const entry of Object.values(COMMANDS)) console.log(`  ${entry.usage}\n      ${entry.words}\n`);
  console.log('The server\'s options are environment variables: npm run server -- --help');
}
