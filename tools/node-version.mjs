// Finds a Node that is new enough, and fetches one when the machine's is too old.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TOOLCHAIN } from './paths.mjs';

/** The oldest Node that the server and its libraries run on. */
const OLDEST = [22, 15];
/** What is fetched when the machine's Node is older. */
const FETCHED = '24.21.0';

export function nodeIsNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The path of a Node that is new enough, fetched into `.toolchain/` when it is not there yet. */
export async function ensureNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const node = join(TOOLCHAIN, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    console.log(`This is Node ${process.versions.node}; Couplet needs ${OLDEST.join('.')} or newer. Fetching Node ${FETCHED} into .toolchain/ …`);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const run = spawnSync(npm, ['install', '--prefix', TOOLCHAIN, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${FETCHED}`], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (run.status !== 0 || !existsSync(node)) {
      console.error(`Node ${FETCHED} could not be fetched for this machine. Install Node ${OLDEST.join('.')} or newer by hand and try again.`);
      process.exit(1);
    }
  }
  return node;
}
