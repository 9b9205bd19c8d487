import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, StepFailed } from '../children.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';
import { buildEverything } from './build.mjs';

export async function command(args) {
  const main = join(ROOT, 'bench', 'src', 'main.ts');
  if (!existsSync(main)) throw new StepFailed('There is no bench here.');
  await ensureInstalled();
  await buildEverything();
  return run(process.execPath, ['--import', new URL('../end-with-parent.mjs', import.meta.url).href, main, ...args], { tied: true });
}
