import { configHelp, loadConfig } from './config.ts';
import { beginNewEpoch } from './new-epoch.ts';
import { type RunningServer, startServer } from './server.ts';
import { StartupError } from './startup-error.ts';

const HELP = `The Couplet server.

  --help       prints this
  --new-epoch  once after the database was restored from a backup, before a
               server runs on it: every device fetches everything anew. Ends then.

All other options are environment variables:

${configHelp()}
`;

/** Ctrl-C reaches the server twice when whatever started it passes it on: only a later one means "at once". */
const SAME_SIGNAL_MS = 1_000;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
} else if (args.length === 1 && args[0] === '--new-epoch') {
  await newEpoch();
} else if (args.length > 0) {
  fail(`There is no option ${args.join(' ')}: the server is configured by environment variables, which --help lists.`);
} else {
  await run();
}

async function run(): Promise<void> {
  const starting = startServerOrExplain();
  let firstSignalAt: number | undefined;
  const onSignal = () => {
    if (firstSignalAt === undefined) {
      firstSignalAt = performance.now();
      // A start is finished before it is undone: nothing is left halfway.
      void starting.then((server) => server?.stop()).catch((cause: unknown) => fail(explain(cause)));
    } else if (performance.now() - firstSignalAt > SAME_SIGNAL_MS) {
      // What is committed stays; the embedded PostgreSQL is told to stop on the way out.
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const server = await starting;
  if (server && firstSignalAt === undefined) process.stdout.write(`Couplet is ready at ${server.context.config.publicUrl ?? server.url}\n`);
}

async function newEpoch(): Promise<void> {
  try {
    await beginNewEpoch(loadConfig(process.env));
    process.stdout.write('The numbering is new: every device fetches everything anew.\n');
  } catch (cause) {
    fail(explain(cause));
  }
}

async function startServerOrExplain(): Promise<RunningServer | null> {
  try {
    return await startServer(loadConfig(process.env));
  } catch (cause) {
    fail(explain(cause));
    return null;
  }
}

function explain(cause: unknown): string {
  if (cause instanceof StartupError) return cause.message;
  return `The server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`;
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
