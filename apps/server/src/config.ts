import { ATTACHMENT_OPTIONS } from './config/attachment-options.ts';
import { DATABASE_OPTIONS } from './config/database-options.ts';
import { NODE_OPTIONS } from './config/node-options.ts';
import { PUSH_OPTIONS } from './config/push-options.ts';
import { PUSHER_OPTIONS } from './config/pusher-options.ts';
import { REDIS_OPTIONS } from './config/redis-options.ts';
import { SIGN_IN_OPTIONS } from './config/sign-in-options.ts';
import { WEB_OPTIONS } from './config/web-options.ts';

/** Every option of the server, once, in the order of the table in docs/self-hosting.md. Each key becomes a field of `Config`. */
const OPTIONS = {
  ...WEB_OPTIONS,
  ...NODE_OPTIONS,
  ...DATABASE_OPTIONS,
  ...REDIS_OPTIONS,
  ...SIGN_IN_OPTIONS,
  ...PUSHER_OPTIONS,
  ...ATTACHMENT_OPTIONS,
  ...PUSH_OPTIONS,
};

export type Config = { readonly [K in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[K]['parse']> };

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
