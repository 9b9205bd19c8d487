import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { LIMITS } from '@couplet/protocol';
import { isAddressOrNetwork } from './http/client-address.ts';
import { parseRedisAddress } from './redis/redis-address.ts';
import { StartupError } from './startup-error.ts';

/** A wrong value of an option, said in one sentence that names it. */
export class ConfigError extends StartupError {
  constructor(name: string, complaint: string) {
    super(`${name} ${complaint}.`);
  }
}

/** The folder of this package: the same seen from `src/` and from a bundle in `dist/`. */
const SERVER_FOLDER = resolve(import.meta.dirname, '..');

/** Shorter keys can be guessed from one token with a graphics card. */
const SHORTEST_SECRET = 32;
const SHORTEST_PUSHER_SECRET = 16;
const MEBIBYTE = 1024 * 1024;
const LONGEST_ACCESS_TOKEN_TTL = 24 * 60 * 60;
/** Later than this a push surprises more than it tells. */
const LONGEST_PUSH_GRACE = 300;
const LONGEST_REFRESH_TOKEN_TTL = 366 * 24 * 60 * 60;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Option<T> {
  name: string;
  type: string;
  /** As `--help` shows it. */
  fallback: string;
  sentence: string;
  /** @param given the variable's text, or undefined when unset or empty */
  parse(given: string | undefined, name: string): T;
}

/** Every option of the server, once. Each key becomes a field of `Config`. */
const OPTIONS = {
  port: option({
    name: 'PORT',
    type: 'port',
    fallback: '4000',
    sentence: 'The one port for the app, REST and WebSocket; 0 takes a free one.',
    parse: wholeNumber(4000, 0, 65_535),
  }),
  host: option({
    name: 'HOST',
    type: 'address',
    fallback: '127.0.0.1',
    sentence: 'The address to listen on; 0.0.0.0 for every one.',
    parse: (given = '127.0.0.1', name) => {
      if (!/^[A-Za-z0-9.:_-]+$/.test(given)) throw new ConfigError(name, 'must be an IP address or a host name');
      return given;
    },
  }),
  publicUrl: option({
    name: 'PUBLIC_URL',
    type: 'url',
    fallback: 'http://HOST:PORT',
    sentence: 'Where people reach this deployment, as seen from outside.',
    parse: webAddress,
  }),
  dataDir: option({
    name: 'DATA_DIR',
    type: 'folder',
    fallback: '.couplet',
    sentence: 'What this node keeps: the embedded PostgreSQL, generated secrets, and attachments when there is no S3.',
    parse: (given = '.couplet') => resolve(given),
  }),
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
  databasePoolSize: option({
    name: 'DATABASE_POOL_SIZE',
    type: 'number',
    fallback: '10',
    sentence: 'Connections to PostgreSQL this node keeps at most.',
    parse: wholeNumber(10, 2, 200),
  }),
  redisUrl: option({
    name: 'REDIS_URL',
    type: 'url',
    fallback: 'none: one node, which needs none',
    sentence: 'The Redis (7 or later) that joins several nodes: redis://host:6379, redis+sentinel://host,host/group or redis+cluster://host,host; with rediss over TLS.',
    parse: (given, name) => {
      if (given === undefined) return undefined;
      const address = parseRedisAddress(given);
      if (!address) throw new ConfigError(name, 'must look like redis://user:password@host:6379/0, redis+sentinel://host:26379,host:26379/group or redis+cluster://host:6379,host:6379');
      return address;
    },
  }),
  redisPrefix: option({
    name: 'REDIS_PREFIX',
    type: 'word',
    fallback: 'couplet',
    sentence: 'What the names of keys and channels in Redis begin with: another for each deployment on one Redis.',
    parse: (given = 'couplet', name) => word(given, name) ?? 'couplet',
  }),
  shards: option({
    name: 'SHARDS',
    type: 'number',
    fallback: '64',
    sentence: "Into how many parts users' keys in Redis are divided, by a hash of their id: what a Redis Cluster can spread over its nodes; the same on every node.",
    parse: wholeNumber(64, 1, 4_096),
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
  authSecret: option({
    name: 'AUTH_SECRET',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs the tokens; the same on every node.',
    parse: secret,
  }),
  adminApiKey: option({
    name: 'ADMIN_API_KEY',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'What your own backend shows to use the server API.',
    parse: secret,
  }),
  allowRegistration: option({
    name: 'ALLOW_REGISTRATION',
    type: 'true|false',
    fallback: 'true',
    sentence: 'Whether anybody may sign up.',
    parse: (given = 'true', name) => oneOf(given, ['true', 'false'], name) === 'true',
  }),
  allowedOrigins: option({
    name: 'ALLOWED_ORIGINS',
    type: 'list',
    fallback: 'none',
    sentence: 'Other web origins whose pages may call this server, separated by commas; * for all.',
    parse: (given = '', name) => {
      const origins = given.split(',').map((origin) => origin.trim()).filter((origin) => origin !== '');
      for (const origin of origins) {
        if (origin !== '*' && parseUrl(origin)?.origin !== origin) {
          throw new ConfigError(name, `must list origins like https://app.example.org, which "${origin}" is not`);
        }
      }
      return origins;
    },
  }),
  trustedProxies: option({
    name: 'TRUSTED_PROXIES',
    type: 'list',
    fallback: 'this machine',
    sentence: 'Addresses and networks of the proxies in front, separated by commas, whose X-Forwarded-For is believed.',
    parse: (given = '', name) => {
      const places = given.split(',').map((place) => place.trim()).filter((place) => place !== '');
      const wrong = places.find((place) => !isAddressOrNetwork(place));
      if (wrong !== undefined) throw new ConfigError(name, `must list addresses or networks like 10.0.0.0/8, which "${wrong}" is not`);
      return places;
    },
  }),
  realtimeDriver: option({
    name: 'REALTIME_DRIVER',
    type: 'gateway|pusher',
    fallback: 'gateway',
    sentence: 'Who brings Pusher events to clients: this server, or a hosted Pusher app with the PUSHER_ values.',
    parse: (given = 'gateway', name) => oneOf(given, ['gateway', 'pusher'], name),
  }),
  pusherCluster: option({
    name: 'PUSHER_CLUSTER',
    type: 'word',
    fallback: 'none',
    sentence: 'With REALTIME_DRIVER=pusher: the cluster of the hosted app, such as eu.',
    parse: word,
  }),
  pusherApiUrl: option({
    name: 'PUSHER_API_URL',
    type: 'url',
    fallback: "the cluster's",
    sentence: 'With REALTIME_DRIVER=pusher: another server that speaks Pusher, as this server and the clients reach it.',
    parse: httpUrl,
  }),
  pusherAppId: option({
    name: 'PUSHER_APP_ID',
    type: 'word',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'The app that server libraries of the Pusher protocol name; the same on every node.',
    parse: word,
  }),
  pusherKey: option({
    name: 'PUSHER_KEY',
    type: 'word',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'What clients of the Pusher protocol connect with; public.',
    parse: word,
  }),
  pusherSecret: option({
    name: 'PUSHER_SECRET',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs subscriptions and calls of the Pusher protocol; the same on every node.',
    // Shorter than our own secrets may be: those of hosted Pusher have 20 characters.
    parse: (given, name) => {
      if (given !== undefined && given.length < SHORTEST_PUSHER_SECRET) throw new ConfigError(name, `must have at least ${SHORTEST_PUSHER_SECRET} characters`);
      return given;
    },
  }),
  pusherWebhookUrl: option({
    name: 'PUSHER_WEBHOOK_URL',
    type: 'url',
    fallback: 'none',
    sentence: 'Where your backend is told, signed, what happens in channels.',
    parse: httpUrl,
  }),
  rateLimits: option({
    name: 'RATE_LIMITS',
    type: 'on|off',
    fallback: 'on',
    sentence: 'Whether clients are slowed down; off only for load tests.',
    parse: (given = 'on', name) => oneOf(given, ['on', 'off'], name) === 'on',
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
    parse: webAddress,
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
  accessTokenTtl: option({
    name: 'ACCESS_TOKEN_TTL',
    type: 'seconds',
    fallback: '900',
    sentence: 'How long an access token lives.',
    parse: wholeNumber(900, 5, LONGEST_ACCESS_TOKEN_TTL),
  }),
  refreshTokenTtl: option({
    name: 'REFRESH_TOKEN_TTL',
    type: 'seconds',
    fallback: '2592000',
    sentence: 'How long a session lives without being used.',
    parse: wholeNumber(2_592_000, 60, LONGEST_REFRESH_TOKEN_TTL),
  }),
  s3Endpoint: option({
    name: 'S3_ENDPOINT',
    type: 'url',
    fallback: 'that of Amazon for S3_REGION',
    sentence: 'The S3 that keeps attachments, as browsers and this server reach it.',
    parse: webAddress,
  }),
  s3Region: option({
    name: 'S3_REGION',
    type: 'word',
    fallback: 'us-east-1',
    sentence: 'The region of the bucket.',
    parse: (given = 'us-east-1') => given,
  }),
  s3Bucket: option({
    name: 'S3_BUCKET',
    type: 'word',
    fallback: 'none: attachments are files under DATA_DIR',
    sentence: 'The bucket for attachments.',
    parse: (given, name) => {
      if (given !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(given)) throw new ConfigError(name, 'must be the name of a bucket');
      return given;
    },
  }),
  s3AccessKeyId: option({
    name: 'S3_ACCESS_KEY_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'Who this server is to the S3.',
    parse: (given) => given,
  }),
  s3SecretAccessKey: option({
    name: 'S3_SECRET_ACCESS_KEY',
    type: 'secret',
    fallback: 'none',
    sentence: 'The secret that belongs to S3_ACCESS_KEY_ID.',
    parse: (given) => given,
  }),
  s3PathStyle: option({
    name: 'S3_PATH_STYLE',
    type: 'true|false',
    fallback: 'true with S3_ENDPOINT, otherwise false',
    sentence: 'Whether the bucket is a part of the path, not of the host name.',
    parse: (given, name) => (given === undefined ? undefined : oneOf(given, ['true', 'false'], name) === 'true'),
  }),
  cdnUrl: option({
    name: 'CDN_URL',
    type: 'url',
    fallback: 'none: signed links that expire',
    sentence: 'Where a CDN in front of the bucket serves it; whoever has such a URL can read the file for as long as it exists.',
    parse: webAddress,
  }),
  imageMaxBytes: option({
    name: 'IMAGE_MAX_BYTES',
    type: 'number',
    fallback: '26214400',
    sentence: 'The largest picture taken.',
    parse: wholeNumber(25 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  videoMaxBytes: option({
    name: 'VIDEO_MAX_BYTES',
    type: 'number',
    fallback: '209715200',
    sentence: 'The largest video taken.',
    parse: wholeNumber(200 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  fileMaxBytes: option({
    name: 'FILE_MAX_BYTES',
    type: 'number',
    fallback: '104857600',
    sentence: 'The largest other file taken.',
    parse: wholeNumber(100 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  avatarMaxBytes: option({
    name: 'AVATAR_MAX_BYTES',
    type: 'number',
    fallback: '8388608',
    sentence: 'The largest photo of a person taken.',
    parse: wholeNumber(8 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  uploadQuotaBytes: option({
    name: 'UPLOAD_QUOTA_BYTES',
    type: 'number',
    fallback: '10737418240',
    sentence: 'What one person may have stored in all.',
    parse: wholeNumber(10 * 1024 * MEBIBYTE, 0, Number.MAX_SAFE_INTEGER),
  }),
  keepOriginals: option({
    name: 'KEEP_ORIGINALS',
    type: 'true|false',
    fallback: 'true',
    sentence: 'Whether pictures are also kept as they were uploaded, with what the camera wrote into them; nobody is given those.',
    parse: (given = 'true', name) => oneOf(given, ['true', 'false'], name) === 'true',
  }),
  pushContent: option({
    name: 'PUSH_CONTENT',
    type: 'none|sender|text',
    fallback: 'sender',
    sentence: 'What a push notification tells whoever sees the screen: nothing, who wrote, or what.',
    parse: (given = 'sender', name) => oneOf(given, ['none', 'sender', 'text'], name),
  }),
  pushGrace: option({
    name: 'PUSH_GRACE',
    type: 'seconds',
    fallback: '5',
    sentence: 'How long a device has to acknowledge a message before the others are woken by a push.',
    parse: wholeNumber(5, 0, LONGEST_PUSH_GRACE),
  }),
  vapidPublicKey: option({
    name: 'VAPID_PUBLIC_KEY',
    type: 'word',
    fallback: 'follows from VAPID_PRIVATE_KEY',
    sentence: 'The public half, only to be checked against the private one.',
    parse: (given) => given,
  }),
  vapidPrivateKey: option({
    name: 'VAPID_PRIVATE_KEY',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs pushes to browsers, base64url; the same on every node. Another one ends every subscription.',
    parse: (given) => given,
  }),
  vapidSubject: option({
    name: 'VAPID_SUBJECT',
    type: 'url',
    fallback: 'PUBLIC_URL',
    sentence: 'Whom a push service turns to when something is wrong: mailto:… or https://….',
    parse: (given, name) => {
      if (given !== undefined && !/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(given)) throw new ConfigError(name, 'must begin with mailto: or https://');
      return given;
    },
  }),
  webPushHosts: option({
    name: 'WEB_PUSH_HOSTS',
    type: 'list',
    fallback: 'any on the internet',
    sentence: 'The only push services of browsers that are called, by host name, separated by commas; they may be of your own network.',
    parse: (given) => (given === undefined ? null : words(given)),
  }),
  fcmServiceAccount: option({
    name: 'FCM_SERVICE_ACCOUNT',
    type: 'file|json',
    fallback: 'none: Android is not woken',
    sentence: 'The service account of your Firebase project: the JSON file, or what is in it.',
    parse: serviceAccount,
  }),
  apnsKey: option({
    name: 'APNS_KEY',
    type: 'file|pem',
    fallback: 'none: iOS is not woken',
    sentence: 'The key for APNs that Apple gave you: the .p8 file, or what is in it.',
    parse: (given, name) => {
      const text = contentOf(given, name, '-----BEGIN');
      if (text !== undefined && !text.includes('-----BEGIN PRIVATE KEY-----')) throw new ConfigError(name, 'must be a .p8 file of Apple or its content');
      return text;
    },
  }),
  apnsKeyId: option({
    name: 'APNS_KEY_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'The id of APNS_KEY.',
    parse: word,
  }),
  apnsTeamId: option({
    name: 'APNS_TEAM_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'Your team at Apple.',
    parse: word,
  }),
  apnsTopic: option({
    name: 'APNS_TOPIC',
    type: 'list',
    fallback: 'none',
    sentence: 'The bundle ids of your apps, separated by commas; a device that names none has the first.',
    parse: (given) => (given === undefined ? undefined : words(given)),
  }),
  apnsEnvironment: option({
    name: 'APNS_ENVIRONMENT',
    type: 'production|sandbox',
    fallback: 'production',
    sentence: 'Which APNs: builds from Xcode register with the sandbox.',
    parse: (given = 'production', name) => oneOf(given, ['production', 'sandbox'], name),
  }),
  webDir: option({
    name: 'WEB_DIR',
    type: 'folder',
    fallback: 'the built app of this repository',
    sentence: 'The built web app to serve.',
    parse: (given) => (given === undefined ? join(SERVER_FOLDER, '../mobile/dist') : resolve(given)),
  }),
};

export type Config = { readonly [K in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[K]['parse']> };

/** Where the SQL migrations of this version are. Not an option: they belong to the code. */
export const MIGRATIONS_FOLDER = join(SERVER_FOLDER, 'prisma/migrations');

export const SERVER_VERSION = (JSON.parse(readFileSync(join(SERVER_FOLDER, 'package.json'), 'utf8')) as { version: string }).version;

/** @throws ConfigError naming the first variable with a wrong value */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const entries = Object.entries(OPTIONS).map(([key, { name, parse }]) => {
    const given = env[name]?.trim();
    return [key, parse(given === '' ? undefined : given, name)] as const;
  });
  return Object.fromEntries(entries) as Config;
}

/** The table that `--help` prints. */
export function configHelp(): string {
  const rows = Object.values(OPTIONS).map(({ name, type, fallback, sentence }) => [name, type, fallback, sentence] as const);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, type, fallback, sentence]) => `  ${name.padEnd(nameWidth)}  ${sentence}\n  ${''.padEnd(nameWidth)}  ${type}; default: ${fallback}`)
    .join('\n');
}

function option<T>(declared: Option<T>): Option<T> {
  return declared;
}

function wholeNumber(fallback: number, min: number, max: number) {
  return (given: string | undefined, name: string): number => {
    if (given === undefined) return fallback;
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max)) throw new ConfigError(name, `must be a whole number from ${min} to ${max}, not "${given}"`);
    return value;
  };
}

function oneOf<const T extends string>(given: string, allowed: readonly T[], name: string): T {
  const found = allowed.find((word) => word === given);
  if (found === undefined) throw new ConfigError(name, `must be one of ${allowed.join(', ')}, not "${given}"`);
  return found;
}

function httpUrl(given: string | undefined, name: string): string | undefined {
  const protocol = given === undefined ? undefined : parseUrl(given)?.protocol;
  if (given !== undefined && protocol !== 'http:' && protocol !== 'https:') throw new ConfigError(name, 'must be an http:// or https:// address');
  return given;
}

function words(given: string): string[] {
  return given.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** The value itself when it begins as one, otherwise what is in the file it names. The complaint repeats neither. */
function contentOf(given: string | undefined, name: string, beginning: string): string | undefined {
  if (given === undefined || given.startsWith(beginning)) return given;
  try {
    return readFileSync(given, 'utf8');
  } catch (cause) {
    throw new ConfigError(name, `names a file that cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})`);
  }
}

/** Google's file, the part that is needed. */
function serviceAccount(given: string | undefined, name: string) {
  const text = contentOf(given, name, '{');
  if (text === undefined) return undefined;
  try {
    const { project_id: projectId, client_email: clientEmail, private_key: privateKey, token_uri: tokenUri } = JSON.parse(text) as Record<string, unknown>;
    if (isText(projectId) && isText(clientEmail) && isText(privateKey) && isText(tokenUri)) return { projectId, clientEmail, privateKey, tokenUri };
  } catch {
    // Said below, without the text: it holds a key.
  }
  throw new ConfigError(name, 'must be JSON with project_id, client_email, private_key and token_uri');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Stands in paths and between colons. */
function word(given: string | undefined, name: string): string | undefined {
  if (given !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(given)) throw new ConfigError(name, 'must be 1 to 64 letters, digits or _ -');
  return given;
}

/** The complaint never repeats the value: it may be a real secret with a typing error. */
function secret(given: string | undefined, name: string): string | undefined {
  if (given !== undefined && given.length < SHORTEST_SECRET) throw new ConfigError(name, `must have at least ${SHORTEST_SECRET} characters`);
  return given;
}

function webAddress(given: string | undefined, name: string): string | undefined {
  if (given === undefined) return undefined;
  const url = parseUrl(given);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new ConfigError(name, 'must be an http:// or https:// address');
  return given.replace(/\/+$/, '');
}

function postgresAddress(given: string | undefined, name: string): string | undefined {
  if (given === undefined) return undefined;
  const url = parseUrl(given);
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw new ConfigError(name, 'must look like postgresql://user:password@host:5432/database');
  }
  return given;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
