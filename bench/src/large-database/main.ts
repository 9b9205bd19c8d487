import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPLAIN_EVERYTHING, type Explained, listenForPlans, loadConfig, openOwnPostgres, type OwnPostgres, startServer } from '@couplet/test-system/large-database';
import { ASKED_ENV, askServer } from './ask-server.ts';
import { fillDatabase } from './fill-database.ts';

const HELP = `npm run bench:database -- [options]

  --messages <n>   about how many messages PostgreSQL holds (1000000), from 250000; a million takes about 0.8 GB
  --folder <path>  where; kept afterwards, and only asked when it is there already. Without: a new one, removed at the end

Prints what the requests that people make most cost PostgreSQL, by which indexes.`;

/** Nothing is lost that could not be made again, so nothing is written twice. */
const WHILE_FILLING = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
};
/** As the embedded one in everything else. */
const WHILE_ASKING = { ...EXPLAIN_EVERYTHING, 'auto_explain.log_analyze': 'on', 'auto_explain.log_buffers': 'on', shared_buffers: '1GB' };

/** Ana alone has 160,000. */
const LEAST_MESSAGES = 250_000;

const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' }, folder: { type: 'string' }, help: { type: 'boolean', default: false } } });
const messages = Number(values.messages);
if (values.help || !Number.isInteger(messages) || messages < LEAST_MESSAGES) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'couplet-large-'));
const postgresDir = join(folder, 'database');
const serverDir = join(folder, 'server');
try {
  if (!existsSync(postgresDir)) await fill();
  await ask();
} finally {
  if (values.folder === undefined) await rm(folder, { recursive: true });
}

async function fill(): Promise<void> {
  await mkdir(postgresDir, { recursive: true });
  const postgres = await openOwnPostgres(postgresDir, WHILE_FILLING);
  try {
    // Its start migrates.
    await (await serve(postgres)).stop();
    const begun = performance.now();
    await fillDatabase((statement) => postgres.query(statement), messages, (step) => console.log(`  ${((performance.now() - begun) / 1_000).toFixed(0).padStart(5)} s  ${step}`));
  } finally {
    await postgres.close();
  }
}

async function ask(): Promise<void> {
  const plans: Explained[] = [];
  const stopListening = listenForPlans((explained) => plans.push(explained));
  const postgres = await openOwnPostgres(postgresDir, WHILE_ASKING);
  const server = await serve(postgres);
  try {
    await printSizes(postgres);
    console.log(`\n  ${'request'.padEnd(48)} statements     ms  first ms  pages  read first  indexes`);
    for (const { first, last } of await askServer(server.url, () => plans.splice(0))) {
      const scanned = last.scanned.length > 0 ? `  SCANNED: ${last.scanned.join(', ')}` : '';
      console.log(
        `  ${last.what.padEnd(48)} ${String(last.statements).padStart(10)} ${last.milliseconds.toFixed(2).padStart(6)} ${first.milliseconds.toFixed(1).padStart(9)} ` +
          `${String(last.hit + last.read).padStart(6)} ${String(first.read).padStart(11)}  ${last.indexes.join(', ')}${scanned}`,
      );
    }
  } finally {
    await server.stop();
    await postgres.close();
    stopListening();
  }
}

function serve({ url }: OwnPostgres) {
  return startServer(loadConfig({ ...ASKED_ENV, DATABASE_URL: url, DATA_DIR: serverDir }));
}

async function printSizes(postgres: OwnPostgres): Promise<void> {
  const rows = await postgres.query<{ name: string; rows: number; heap: string; all: string }>(
    `SELECT relname AS name, reltuples::bigint AS rows, pg_size_pretty(pg_relation_size(oid)) AS heap, pg_size_pretty(pg_total_relation_size(oid)) AS all
     FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC LIMIT 6`,
  );
  for (const table of rows) console.log(`  ${table.name.padEnd(20)} ${table.rows.toLocaleString('en').padStart(12)} rows, ${table.heap}, with indexes ${table.all}`);
}
