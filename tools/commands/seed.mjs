import { join } from 'node:path';
import { buildServer, SERVER_DIST } from '../build-server.mjs';
import { run } from '../children.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';

export async function command(args) {
  await ensureInstalled();
  await buildServer();
  return runSeed(args, { NODE_ENV: 'production' });
}

/** The demo's data set; says so and changes nothing where it already is. */
export function seedDemo(env) {
  return runSeed(['--demo'], env);
}

function runSeed(args, env) {
  return run(process.execPath, ['--enable-source-maps', '--import', END_WITH_PARENT, join(SERVER_DIST, 'seed.js'), ...args], { cwd: ROOT, env, tied: true });
}

const END_WITH_PARENT = new URL('../end-with-parent.mjs', import.meta.url).href;
