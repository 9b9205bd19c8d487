// Bundles the server into one file per program: our packages inside, those of others beside.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildUnlessCurrent } from './inputs-hash.mjs';
import { ROOT, SERVER } from './paths.mjs';
import { timed } from './timed.mjs';

export const SERVER_DIST = join(SERVER, 'dist');

const INPUTS = [
  join(SERVER, 'src'),
  join(SERVER, 'prisma'),
  join(ROOT, 'packages', 'protocol', 'src'),
  join(ROOT, 'package-lock.json'),
  join(ROOT, 'tools', 'build-server.mjs'),
];

export function buildServer() {
  return buildUnlessCurrent(SERVER_DIST, INPUTS, () => timed('Building the server', bundle));
}

async function bundle() {
  const { build } = await import('esbuild');
  rmSync(SERVER_DIST, { recursive: true, force: true });
  mkdirSync(SERVER_DIST, { recursive: true });
  await build({
    entryPoints: {
      main: join(SERVER, 'src', 'main.ts'),
      seed: join(SERVER, 'src', 'seed', 'main.ts'),
      'renderer-process': join(SERVER, 'src', 'domains', 'attachments', 'rendering', 'renderer-process.ts'),
    },
    outdir: SERVER_DIST,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.15',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [othersStayOutside],
  });
}

const othersStayOutside = {
  name: 'others-stay-outside',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => (kind === 'entry-point' || path.startsWith('@couplet/') ? undefined : { path, external: true }));
  },
};
