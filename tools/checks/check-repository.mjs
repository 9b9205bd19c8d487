// What may not stand in a committed file: a registry's address in the lockfile, a
// path of somebody's machine. Files past their size are named, but fail nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../children.mjs';
import { ROOT } from '../paths.mjs';

const MACHINE_PATH = /(?:^|[\s"'`(=:])((?:\/home\/|\/Users\/|\/work\/|\/root\/|[A-Z]:\\Users\\)[\w.-]+)/;
const REGISTRY = /"resolved":\s*"https?:/;
const TEXT = /\.(?:ts|tsx|js|mjs|cjs|json|md|sql|yaml|yml|prisma|html|css|sh)$|(?:^|\/)(?:run|Dockerfile|\.\w+rc|\.gitignore)$/;
const SOURCE = /\.(?:ts|tsx|mjs)$/;
/** Lines. Past it a file is a table or two files. */
const SOURCE_CEILING = 400;
const TEST_CEILING = 600;

export async function checkRepository() {
  const { code, output } = await start('git', ['ls-files', '-z'], { output: 'collect' }).ended;
  if (code !== 0) return { passed: 0, failed: 1, output: `git ls-files failed:\n${output}` };
  const faults = [];
  const long = [];
  for (const path of output.split('\0').filter((name) => TEXT.test(name))) {
    const text = readIfThere(join(ROOT, path));
    if (text === null) continue;
    if (path === 'package-lock.json' && REGISTRY.test(text)) faults.push(`${path} holds a registry's address: see .npmrc`);
    if (path === 'package-lock.json') continue;
    const lines = text.split('\n');
    lines.forEach((line, index) => {
      const found = MACHINE_PATH.exec(line);
      if (found && path !== 'tools/checks/check-repository.mjs') faults.push(`${path}:${index + 1} holds a path of one machine: ${found[1]}`);
    });
    const ceiling = /\.test\.tsx?$/.test(path) ? TEST_CEILING : SOURCE_CEILING;
    const length = lines.length - (text.endsWith('\n') ? 1 : 0);
    if (SOURCE.test(path) && length > ceiling) long.push(`${path} has ${length} lines; ${ceiling} is the ceiling (no failure)`);
  }
  return { passed: faults.length === 0 ? 1 : 0, failed: faults.length === 0 ? 0 : 1, output: [...faults, ...long].join('\n') };
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Deleted, but not yet committed so.
    return null;
  }
}
