// Server and app from their sources, both restarting on change.
import { join } from 'node:path';
import { isStopping, start } from '../children.mjs';
import { ensureInstalled } from '../installation.mjs';
import { MOBILE, SERVER } from '../paths.mjs';

/** Expo's usual port: the app's development server. The messenger's own server stays on PORT. */
const APP_PORT = '8081';

export async function command() {
  await ensureInstalled();
  const port = process.env.PORT ?? '4000';
  const origins = ['localhost', '127.0.0.1'].map((host) => `http://${host}:${APP_PORT}`).join(',');
  const server = start(process.execPath, ['--watch', '--watch-preserve-output', '--enable-source-maps', join(SERVER, 'src', 'main.ts')], {
    env: { NODE_ENV: 'development', PORT: port, ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? origins },
    output: prefixed('server'),
  });
  const app = start('expo', ['start', '--web', '--port', APP_PORT], {
    cwd: MOBILE,
    env: { EXPO_PUBLIC_SERVER_URL: `http://127.0.0.1:${port}`, BROWSER: 'none' },
    output: prefixed('app'),
  });
  console.log(`Server on http://127.0.0.1:${port}, app on http://127.0.0.1:${APP_PORT}. Ctrl-C ends both.`);
  // When one ends by itself the other is of no use.
  const { code } = await Promise.race([server.ended, app.ended]);
  return isStopping() ? 0 : code;
}

/** Whole lines only, each under the name of who says it. */
function prefixed(name) {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const line of lines) console.log(`${name.padEnd(6)} │ ${line}`);
  };
}
