import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from './inputs-hash.mjs';
import { ROOT } from './paths.mjs';

/** Every workspace, `{ name, folder }`, folder relative to the root. */
export function listWorkspaces() {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => (pattern.endsWith('/*') ? readdirSync(join(ROOT, pattern.slice(0, -2))).map((name) => `${pattern.slice(0, -2)}/${name}`) : [pattern]))
    .filter((folder) => existsSync(join(ROOT, folder, 'package.json')))
    .map((folder) => ({ name: folder.split('/').at(-1), folder }));
}

/** The test files of a folder, absolute. */
export function testFilesUnder(folder) {
  return [...filesUnder(join(ROOT, folder))].filter((file) => /\.test\.tsx?$/.test(file));
}
