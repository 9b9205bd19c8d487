// The programs that tests and checks run for real, beside what npm brings.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run, StepFailed } from './children.mjs';
import { timed } from './timed.mjs';

/**
 * Each program, where it may stand, the variable that names another place (and
 * tells the tests where it was found), and the Debian package that brings it.
 */
const PROGRAMS = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    package: 'chromium',
    places: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  },
  redis: { variable: 'REDIS_SERVER_PATH', package: 'redis-server', places: ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'] },
  nginx: { variable: 'NGINX_PATH', package: 'nginx', places: ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'] },
  pgbouncer: { variable: 'PGBOUNCER_PATH', package: 'pgbouncer', places: ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'] },
};

/** Makes sure that the named programs are there: installs what is missing where it may. */
export async function ensurePrograms(...names) {
  const wanted = names.map((name) => ({ name, ...PROGRAMS[name] })).filter(({ variable }) => !process.env[variable]);
  const missing = wanted.filter((program) => placeOf(program) === undefined);
  if (missing.length > 0 && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    await timed(`Installing ${missing.map(({ name }) => name).join(', ')} for the tests`, () => install(missing.map((program) => program.package)));
  }
  for (const program of wanted) {
    const place = placeOf(program);
    if (place === undefined) throw new StepFailed(`The tests need ${program.name}. Install it, or name it in ${program.variable}.`);
    process.env[program.variable] = place;
  }
}

function placeOf({ places }) {
  return places.find((place) => existsSync(place));
}

async function install(packages) {
  // RUNLEVEL 1: a server that comes with a package is not started as a service of this machine.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const code =
    (await run('apt-get', ['update', '-qq'], { env, output: 'ignore' })) ||
    (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, output: 'ignore' }));
  if (code !== 0) throw new StepFailed(`Could not install ${packages.join(', ')}.`);
}
