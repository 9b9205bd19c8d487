// Exports the app: for the web to where the server finds it, for the phones to prove that they build.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, StepFailed } from './children.mjs';
import { buildUnlessCurrent, filesUnder } from './inputs-hash.mjs';
import { addOfflineFiles } from './offline-web.mjs';
import { MOBILE, ROOT } from './paths.mjs';
import { timed } from './timed.mjs';

const WEB_DIST = join(MOBILE, 'dist');
/** The same app over the server's own WebSocket protocol, for the journeys, which are gone through over both. */
const NATIVE_WEB_DIST = join(MOBILE, 'dist-native');

const INPUTS = [
  ...['app.json', 'assets', 'babel.config.js', 'metro.config.js', 'package.json', 'public', 'scripts', 'src'].map((name) => join(MOBILE, name)),
  join(ROOT, 'packages', 'client', 'src'),
  join(ROOT, 'packages', 'protocol', 'src'),
  join(ROOT, 'package-lock.json'),
  join(ROOT, 'tools', 'build-web.mjs'),
  join(ROOT, 'tools', 'offline-web.mjs'),
];

export function buildWeb() {
  return exportWeb(WEB_DIST, 'Building the web app (a minute or two the first time)', EXPORT_ENVIRONMENT);
}

export function buildNativeWeb() {
  return exportWeb(NATIVE_WEB_DIST, 'Building the web app over the native protocol', { ...EXPORT_ENVIRONMENT, EXPO_PUBLIC_TRANSPORT: 'native' });
}

function exportWeb(dist, title, env) {
  return buildUnlessCurrent(dist, INPUTS, () =>
    timed(title, async () => {
      rmSync(dist, { recursive: true, force: true });
      mkdirSync(dist, { recursive: true });
      const ended = await start('expo', ['export', '--platform', 'web', '--output-dir', dist], { cwd: MOBILE, env, output: 'collect' }).ended;
      if (ended.code !== 0) throw new StepFailed(`expo export failed:\n${ended.output}`);
      await addOfflineFiles(dist);
    }),
  );
}

/** Exports for one phone platform into a folder that is thrown away. Resolves with what was said, rejects when nothing came out. */
export async function exportForPhone(platform) {
  const folder = mkdtempSync(join(tmpdir(), `couplet-${platform}-`));
  try {
    const { code, output } = await start('expo', ['export', '--platform', platform, '--output-dir', folder], { cwd: MOBILE, env: EXPORT_ENVIRONMENT, output: 'collect' }).ended;
    const bundles = [...filesUnder(folder)].filter((file) => /\.(hbc|js)$/.test(file));
    return { ok: code === 0 && bundles.length > 0, output: code === 0 ? `${output}\nno bundle came out` : output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const EXPORT_ENVIRONMENT = { CI: '1', NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined };
