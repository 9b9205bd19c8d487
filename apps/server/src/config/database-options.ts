import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { parseUrl, wholeNumber } from './option-values.ts';

export const DATABASE_OPTIONS = {
  databaseUrl: option({
    name: 'DATABASE_URL',
    type: 'url',
    fallback: 'an embedded PostgreSQL under DATA_DIR',
    sentence: 'The PostgreSQL (14 or later) to use.',
    parse: postgresAddress,
  }),
  databasePoolerUrl: option({
    name: 'DATABASE_POOLER_URL',
    type: 'url',
    fallback: 'none: straight to DATABASE_URL',
    sentence: 'A pooler in transaction mode (PgBouncer) before that PostgreSQL, for everything that needs no session of its own.',
    parse: postgresAddress,
  }),
  databaseReplicaUrl: option({
    name: 'DATABASE_REPLICA_URL',
    type: 'url',
    fallback: 'none: the primary answers everything',
    sentence: 'A read-only replica of that PostgreSQL, for searching people; while it is away the primary answers.',
    parse: postgresAddress,
  }),
  databasePoolSize: option({
    name: 'DATABASE_POOL_SIZE',
    type: 'number',
    fallback: '10',
    sentence: 'Connections to PostgreSQL this node keeps at most.',
    parse: wholeNumber(10, 2, 200),
  }),
  eventLogDays: option({
    name: 'EVENT_LOG_DAYS',
    type: 'number',
    fallback: '30',
    sentence: 'How long receipts and changes stay in the event logs: a device that was away longer loads everything anew. Messages stay.',
    parse: wholeNumber(30, 1, 3_650),
  }),
};

function postgresAddress(given: string | undefined, name: string): string | undefined {
  if (given === undefined) return undefined;
  const url = parseUrl(given);
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw new ConfigError(name, 'must look like postgresql://user:password@host:5432/database');
  }
  return given;
}
