import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_DIST } from '../build-server.mjs';
import { run, StepFailed } from '../children.mjs';
import { ROOT } from '../paths.mjs';

export function command(args) {
  return runServer(args, { NODE_ENV: 'production' });
}

/** Runs the built server in the foreground and answers its exit code. */
export function runServer(args, env) {
  const main = join(SERVER_DIST, 'main.js');
  if (!existsSync(main)) throw new StepFailed('The server is not built yet. Run: npm run build');
  return run(process.execPath, ['--enable-source-maps', '--import', END_WITH_PARENT, main, ...args], { cwd: ROOT, env, tied: true });
}

const END_WITH_PARENT = new URL('../end-with-parent.mjs', import.meta.url).href;
