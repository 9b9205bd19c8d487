import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of this package: the same seen from `src/` and from a bundle in `dist/`. */
export const SERVER_FOLDER = resolve(import.meta.dirname, '..');

/** Where the SQL migrations of this version are. */
export const MIGRATIONS_FOLDER = join(SERVER_FOLDER, 'prisma/migrations');

export const SERVER_VERSION = (JSON.parse(readFileSync(join(SERVER_FOLDER, 'package.json'), 'utf8')) as { version: string }).version;
