// What makes the exported web app installable and lets it open without a network: a
// manifest, icons and a service worker. Only the web has them, so they are added to
// its export; what lies in public/ would go into the phone apps as well.
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailed } from './children.mjs';
import { MOBILE } from './paths.mjs';

/** Above the largest bundle, so that none is left out in silence. */
const LARGEST_FILE_BYTES = 8 * 1024 * 1024;

/** The server's own paths: a page in their place would be a wrong answer. See `mountWebApp` of the server. */
const SERVER_PATHS = ['api', 'ws', 'app', 'apps', 'blobs', 'healthz', 'readyz', 'metrics'];
/** A missing file is missing. */
const FILES = /^[^?]*\.\w+(?:\?|$)/;
/** A name with its content's hash needs no revision beside it. */
const HASHED_NAME = /[.-][0-9a-f]{32}\.\w+$/;

export async function addOfflineFiles(dist) {
  cpSync(join(MOBILE, 'assets', 'web'), join(dist, 'icons'), { recursive: true });
  const { expo } = JSON.parse(readFileSync(join(MOBILE, 'app.json'), 'utf8'));
  writeFileSync(join(dist, 'manifest.webmanifest'), `${JSON.stringify(manifestOf(expo), null, 2)}\n`);
  linkFromPage(join(dist, 'index.html'));
  // Here and not above: the commands are loaded before anything is installed.
  const { generateSW } = await import('workbox-build');
  const { count, warnings } = await generateSW({
    globDirectory: dist,
    globPatterns: ['**/*.{html,js,css,ttf,woff2,png,svg,ico,wasm,webmanifest}'],
    swDest: join(dist, 'sw.js'),
    modifyURLPrefix: { '': '/' },
    dontCacheBustURLsMatching: HASHED_NAME,
    manifestTransforms: [(entries) => ({ manifest: entries.map((entry) => ({ ...entry, integrity: integrityOf(join(dist, entry.url)) })) })],
    maximumFileSizeToCacheInBytes: LARGEST_FILE_BYTES,
    navigateFallback: '/index.html',
    navigateFallbackDenylist: [new RegExp(`^/(?:${SERVER_PATHS.join('|')})(?:[/?]|$)`), FILES],
    cleanupOutdatedCaches: true,
    // The first worker serves the page that brought it: what that page has not loaded yet is there offline.
    clientsClaim: true,
    // A later one waits until the person asks for it: an old page keeps the files it was built with.
    skipWaiting: false,
    inlineWorkboxRuntime: true,
    sourcemap: false,
    mode: 'production',
  });
  appendFileSync(join(dist, 'sw.js'), `\n${await ownWorker()}`);
  if (count === 0 || warnings.length > 0) throw new StepFailed(`The service worker keeps ${count} files:\n${warnings.join('\n')}`);
}

/** What shows push notifications, and keeps the worker out of what is the server's. In the same file, so that a browser takes both or neither. */
async function ownWorker() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(MOBILE, 'src', 'service-worker', 'worker.ts')],
    define: { SERVER_PATHS: JSON.stringify(SERVER_PATHS) },
    bundle: true,
    format: 'iife',
    minify: true,
    target: 'es2022',
    write: false,
  });
  return outputFiles[0].text;
}

/**
 * Nothing but these very bytes is kept. While nodes are replaced one by one, the new
 * worker may get the old node's page, which names files that the new build has not;
 * a proxy may answer with a page of its own. Then the installation fails and is tried
 * again, and the old version goes on.
 */
function integrityOf(file) {
  return `sha256-${createHash('sha256').update(readFileSync(file)).digest('base64')}`;
}

/** Name and colours as the phone apps have them. */
function manifestOf({ name, backgroundColor }) {
  return {
    id: '/',
    name,
    short_name: name,
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: backgroundColor,
    theme_color: backgroundColor,
    icons: [
      { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
      { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
      { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  };
}

function linkFromPage(page) {
  const html = readFileSync(page, 'utf8');
  const linked = html.replace('</head>', '<link rel="manifest" href="/manifest.webmanifest"/><link rel="apple-touch-icon" href="/icons/apple-touch-icon.png"/></head>');
  if (linked === html) throw new StepFailed('The exported page has no head to put links into.');
  writeFileSync(page, linked);
}
