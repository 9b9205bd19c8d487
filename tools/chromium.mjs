// The browser of the journeys.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run, StepFailed } from './children.mjs';
import { timed } from './timed.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Makes sure that a Chromium is there and tells the tests where (CHROMIUM_PATH). */
export async function ensureChromium() {
  if (process.env.CHROMIUM_PATH) return;
  if (!PLACES.some((path) => existsSync(path)) && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    await timed('Installing Chromium for the browser journeys', async () => {
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      const code = (await run('apt-get', ['update', '-qq'], { env, output: 'ignore' })) || (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, output: 'ignore' }));
      if (code !== 0) throw new StepFailed('Chromium could not be installed.');
    });
  }
  const path = PLACES.find((place) => existsSync(place));
  if (path === undefined) throw new StepFailed('The browser journeys need Chromium. Install it, or name it in CHROMIUM_PATH.');
  process.env.CHROMIUM_PATH = path;
}
