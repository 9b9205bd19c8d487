import { join } from 'node:path';
import { run } from '../children.mjs';
import { ensurePrograms } from '../programs.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';
import { buildEverything } from './build.mjs';

export async function command(args) {
  await ensureInstalled();
  await ensurePrograms('chromium');
  await buildEverything();
  const [program, rest] = args[0] === 'pictures' ? ['scroll-pictures.ts', args.slice(1)] : ['main.ts', args];
  const main = join(ROOT, 'bench', 'src', 'app', program);
  return run(process.execPath, ['--import', new URL('../end-with-parent.mjs', import.meta.url).href, main, ...rest], { tied: true });
}
