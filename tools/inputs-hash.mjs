// One hash over everything that a build is made from: whether the last build still stands.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './paths.mjs';

const NOT_AN_INPUT = new Set(['node_modules', 'dist', 'dist-native', '.expo', '.git', 'test-results']);

/** @param paths files and folders, absolute; tests in them do not count */
function hashInputs(paths) {
  const hash = createHash('sha256');
  const files = paths.flatMap((path) => [...filesUnder(path)]).filter((file) => !/\.test\.tsx?$/.test(file));
  for (const file of files) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

export function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (!lstatSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(path).sort()) if (!NOT_AN_INPUT.has(entry)) yield* filesUnder(join(path, entry));
}

/** Builds into `dist` unless it holds a build of exactly these inputs. The stamp is written last. */
export async function buildUnlessCurrent(dist, inputs, build) {
  const stamp = join(dist, '.inputs');
  const wanted = hashInputs(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  await build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}
