import { parseArgs } from 'node:util';
import type pg from 'pg';
import { loadConfig } from '../config.ts';
import { openToolDatabase } from '../database/open-tool-database.ts';
import { PasswordHasher } from '../domains/auth/password-hasher.ts';
import { StartupError } from '../startup-error.ts';
import { DEMO_EMAIL, DEMO_PASSWORD, imagineDemoWorld } from './demo-world.ts';
import { imagineWorld } from './imagine-world.ts';
import { seededRandom } from './random.ts';
import { seedDatabase } from './seed-database.ts';

const HELP = `npm run seed -- [options]

  --users <n>          people (200)
  --conversations <n>  pairs who talk (200)
  --messages <n>       messages of all conversations together (50000)
  --seed <n>           another number makes another world (1)
  --url <url>          the PostgreSQL to fill, instead of DATABASE_URL or the embedded one
  --demo               the data set of "npm start -- --demo" instead

Everybody's password is ${DEMO_PASSWORD}.`;

/** All of it is held in memory once: two million messages take about 2 GB. */
const MOST_MESSAGES = 2_000_000;
/** Of the demo: its world is always the same one. */
const DEMO_SEED = 7;

class UsageError extends Error {}

// Through exit: that is where an embedded PostgreSQL is told to stop. Nothing was committed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A wrong option needs a sentence, not a stack.
  console.error(error instanceof UsageError || error instanceof StartupError ? error.message : error);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const config = loadConfig(options.url === undefined ? process.env : { ...process.env, DATABASE_URL: options.url });
  const database = await openToolDatabase(config);
  try {
    return await fill(database.pool, options);
  } finally {
    await database.close();
  }
}

async function fill(pool: pg.Pool, options: Options): Promise<number> {
  const begun = performance.now();
  const now = Date.now() * 1_000;
  const world = options.demo
    ? imagineDemoWorld(seededRandom(DEMO_SEED), now)
    : imagineWorld(options, seededRandom(options.seed), now, `.${options.seed}`);
  const seeded = await seedDatabase(pool, world, await new PasswordHasher().hash(DEMO_PASSWORD), showProgress);
  if (seeded === null && options.demo) return 0;
  if (seeded === null) throw new UsageError(`The world of seed ${options.seed} is already there: choose another --seed.`);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`Seeded ${seeded.users} people, ${seeded.conversations} conversations and ${seeded.messages} messages in ${seconds} s.`);
  const anybody = options.demo ? DEMO_EMAIL : world.users[0]?.email;
  console.log(`Sign in as ${anybody ?? 'anybody'} with the password ${DEMO_PASSWORD}.`);
  return 0;
}

function showProgress(table: string, inserted: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r  ${table}: ${inserted} of ${total}`.padEnd(60) + (inserted === total ? '\n' : ''));
  else if (inserted === total) console.log(`  ${table}: ${total}`);
}

interface Options {
  users: number;
  conversations: number;
  messages: number;
  seed: number;
  url: string | undefined;
  demo: boolean;
  help: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  const users = wholeNumber('--users', values.users, 2, 100_000);
  const pairs = (users * (users - 1)) / 2;
  return {
    users,
    conversations: wholeNumber('--conversations', values.conversations, 1, Math.min(1_000_000, pairs)),
    messages: wholeNumber('--messages', values.messages, 0, MOST_MESSAGES),
    seed: wholeNumber('--seed', values.seed, 1, 9_999),
    url: values.url,
    demo: values.demo,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        users: { type: 'string', default: '200' },
        conversations: { type: 'string', default: '200' },
        messages: { type: 'string', default: '50000' },
        seed: { type: 'string', default: '1' },
        url: { type: 'string' },
        demo: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function wholeNumber(name: string, given: string, low: number, high: number): number {
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (!(value >= low && value <= high)) throw new UsageError(`${name} must be a whole number from ${low} to ${high}, not "${given}".`);
  return value;
}
