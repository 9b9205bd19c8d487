import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { LogLevel } from './config/node-options.ts';

export type { Logger };

/** The parts of the server that write lines of their own. */
export type Subsystem = 'server' | 'http' | 'database' | 'auth' | 'socket' | 'fanout' | 'write-path' | 'presence' | 'events' | 'jobs' | 'push' | 'redis';

/** What must never be read in a log, wherever in a line it stands. */
const SECRET_FIELDS = ['password', 'token', 'accessToken', 'refreshToken', 'authorization', 'adminApiKey', 'authSecret', 'databaseUrl', 'databasePoolerUrl', 'databaseReplicaUrl'];

/**
 * JSON lines, on standard output unless told otherwise. Times are ISO 8601.
 *
 * @param fieldsOfRequest what every line that is written during a request says of it
 */
export function createLog(level: LogLevel, nodeId: string, destination?: DestinationStream, fieldsOfRequest?: () => object): Logger {
  const options: LoggerOptions = {
    level,
    base: { node: nodeId },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    ...(fieldsOfRequest && { mixin: fieldsOfRequest }),
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

export function subsystemLog(log: Logger, subsystem: Subsystem): Logger {
  return log.child({ subsystem });
}
