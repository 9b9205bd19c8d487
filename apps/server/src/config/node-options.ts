import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { baseUrl, oneOf } from './option-values.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const NODE_OPTIONS = {
  dataDir: option({
    name: 'DATA_DIR',
    type: 'folder',
    fallback: '.couplet',
    sentence: 'What this node keeps: the embedded PostgreSQL, generated secrets, and attachments when there is no S3.',
    parse: (given = '.couplet') => resolve(given),
  }),
  nodeId: option({
    name: 'NODE_ID',
    type: 'word',
    fallback: 'the host name',
    sentence: 'What this node is called in logs and metrics; unique in the deployment.',
    parse: (given = hostname(), name) => {
      if (!/^[A-Za-z0-9_.-]{1,64}$/.test(given)) throw new ConfigError(name, 'must be 1 to 64 letters, digits or _ . -');
      return given;
    },
  }),
  logLevel: option({
    name: 'LOG_LEVEL',
    type: LOG_LEVELS.join('|'),
    fallback: 'info',
    sentence: 'How much is logged.',
    parse: (given = 'info', name): LogLevel => oneOf(given, LOG_LEVELS, name),
  }),
  otlpEndpoint: option({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    type: 'url',
    fallback: 'none: no traces',
    sentence: 'Where an OpenTelemetry collector takes traces (OTLP over HTTP), such as http://collector:4318.',
    parse: baseUrl,
  }),
  traceFraction: option({
    name: 'OTEL_TRACES_SAMPLER_ARG',
    type: 'fraction',
    fallback: '1',
    sentence: 'The share of traces that is sent, from 0 to 1; the same on every node.',
    parse: (given = '1', name) => {
      if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(given)) throw new ConfigError(name, `must be a number from 0 to 1 like 0.05, not "${given}"`);
      return Number(given);
    },
  }),
};
