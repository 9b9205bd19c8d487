import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../children.mjs';
import { ROOT } from '../paths.mjs';

export function checkTypes(folder) {
  const project = join(ROOT, folder, 'tsconfig.json');
  if (!existsSync(project)) return { passed: 0, failed: 1, output: `${folder} has no tsconfig.json` };
  return outcomeOf('tsc', ['--noEmit', '--pretty', 'false', '-p', project]);
}

export function checkLint() {
  return outcomeOf('eslint', ['--max-warnings', '0', '--no-warn-ignored', '.']);
}

export function checkImports() {
  return outcomeOf('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'packages', 'apps', 'e2e', 'bench']);
}

async function outcomeOf(program, args) {
  const { code, output } = await start(program, args, { output: 'collect' }).ended;
  return code === 0 ? { passed: 1, failed: 0, output: '' } : { passed: 0, failed: 1, output };
}
