import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const TOOLCHAIN = join(ROOT, '.toolchain');
export const SERVER = join(ROOT, 'apps', 'server');
export const MOBILE = join(ROOT, 'apps', 'mobile');
export const BIN = join(ROOT, 'node_modules', '.bin');
