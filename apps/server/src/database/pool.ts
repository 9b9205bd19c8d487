import pg from 'pg';
import { StartupError } from '../startup-error.ts';

/** How to reach the database: what every connection of the server is opened with. */
export type DatabaseAddress = Readonly<pg.ClientConfig>;

/** PostgreSQL cannot be used. */
export class DatabaseError extends StartupError {}

/** A server that does not answer within this is not there: long enough for a distant TLS handshake. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A statement that has no answer after this is given up, and its connection with
 * it: the machine of the database may be gone without a word, which the system
 * itself notices after a quarter of an hour. Statements of ours take milliseconds;
 * those of migrations, which may take hours, run on a connection of their own.
 */
export const ANSWER_WITHIN_MS = 30_000;
/** Idle connections are given back, but not between two requests of the same person. */
const IDLE_TIMEOUT_MS = 60_000;

/** Address of the PostgreSQL of DATABASE_URL. */
export function addressFromUrl(databaseUrl: string): DatabaseAddress {
  return withTypes({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
}

/** Address of a PostgreSQL listening on a unix socket in a folder of ours. */
export function addressFromSocket(socketFolder: string, user: string, database: string): DatabaseAddress {
  return withTypes({ host: socketFolder, user, database, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
}

/**
 * The one shared pool. Rows hold int8 as numbers (all of ours are below 2^53)
 * and timestamptz as ISO 8601 UTC text with microseconds.
 *
 * @param onIdleError a connection was lost while nobody used it; the pool replaces it
 */
export function createPool(address: DatabaseAddress, size: number, onIdleError: (error: Error) => void): pg.Pool {
  return watched(new pg.Pool({ query_timeout: ANSWER_WITHIN_MS, ...address, max: size, idleTimeoutMillis: IDLE_TIMEOUT_MS, application_name: 'couplet' }), onIdleError);
}

/**
 * The same through a pooler in transaction mode, where the next transaction may
 * run on another server connection: no statement is prepared under a name.
 */
export function createPoolBehindPooler(address: DatabaseAddress, size: number, onIdleError: (error: Error) => void): pg.Pool {
  return watched(new pg.Pool({ query_timeout: ANSWER_WITHIN_MS, ...address, max: size, idleTimeoutMillis: IDLE_TIMEOUT_MS, Client: ForgetfulClient }), onIdleError);
}

function watched(pool: pg.Pool, onIdleError: (error: Error) => void): pg.Pool {
  pool.on('error', onIdleError);
  // Lost while somebody holds it between two statements: the next statement is where that is reported.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Sends every statement without a name. */
class ForgetfulClient extends pg.Client {
  // The library's overloads are one function, of which only the first argument matters here.
  override query = ((statement: unknown, ...rest: unknown[]) => {
    const hasName = typeof statement === 'object' && statement !== null && 'name' in statement && !('submit' in statement);
    return (super.query as (...all: unknown[]) => unknown)(hasName ? { ...statement, name: undefined } : statement, ...rest);
  }) as pg.Client['query'];
}

/** @throws DatabaseError naming what is wrong with the address, without its password */
export async function assertReachable(pool: pg.Pool, address: DatabaseAddress, option: 'DATABASE_URL' | 'DATABASE_POOLER_URL'): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    throw new DatabaseError(`Cannot reach the PostgreSQL of ${option}${place(address)}: ${complaint(cause)}.`, { cause });
  }
}

/** Whether a failure means that PostgreSQL is away or going, not that the statement was wrong. */
export function isDatabaseUnavailable(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ('syscall' in cause && cause.syscall === 'connect') return true;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (UNAVAILABLE_CODE.test(code) || LOST_CONNECTION.test(cause.message)) return true;
  return cause.cause !== undefined && cause.cause !== cause && isDatabaseUnavailable(cause.cause);
}

/** SQLSTATE classes 08 (connection), 57P (shut down, crash), 53300 (too many connections); Prisma's P10xx and P2024; sockets. */
const UNAVAILABLE_CODE = /^(08\w{3}|57P0[1-5]|53300|P1001|P1002|P1008|P1017|P2024|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** node-postgres gives these no code. */
const LOST_CONNECTION =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed/;

function withTypes(config: pg.ClientConfig): DatabaseAddress {
  return { ...config, types: { getTypeParser } };
}

/** The parsers of this server's connections only: the library's global ones stay as they are. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format !== 'binary') {
    if (oid === pg.types.builtins.INT8) return Number;
    if (oid === pg.types.builtins.TIMESTAMPTZ) return isoTimestamp;
  }
  return pg.types.getTypeParser(oid, format);
}

/**
 * `2026-11-21 21:54:39.12+00` as `2026-11-21T21:54:39.120000Z`. A server whose
 * time zone is not UTC gives other offsets: those take the long way.
 */
export function isoTimestamp(text: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?([+-]\d{2})(?::(\d{2}))?$/.exec(text);
  if (!parts) throw new Error('A timestamp of the database is not in the ISO style');
  const [, date, time, fraction = '', hours, minutes = '00'] = parts;
  const micros = fraction.padEnd(6, '0');
  if (hours === '+00' && minutes === '00') return `${date}T${time}.${micros}Z`;
  return `${new Date(`${date}T${time}${hours}:${minutes}`).toISOString().slice(0, 19)}.${micros}Z`;
}

function place(address: DatabaseAddress): string {
  if (!address.connectionString || !URL.canParse(address.connectionString)) return '';
  const url = new URL(address.connectionString);
  return ` at ${url.hostname}:${url.port || 5432}${url.pathname}`;
}

function complaint(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return complaint(cause.errors[0]);
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : 'no answer';
}
