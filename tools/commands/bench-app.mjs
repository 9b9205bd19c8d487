import { join } from 'node:path';
import { run } from '../children.mjs';
import { ensureChromium } from '../chromium.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';
import { buildEverything } from './build.mjs';

export async function command(args) {
  await ensureInstalled();
  await ensureChromium();
  await buildEverything();
  const main = join(ROOT, 'bench', 'src', 'app', 'main.ts');
  return run(process.execPath, ['--import', new URL('../end-with-parent.mjs', import.meta.url).href, main, ...args], { tied: true });
}
