import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type Request } from 'express';

/** A name with a content hash in it never changes its content. */
const HASHED_NAME = /[.-][0-9a-f]{8,64}\.\w+$/;
const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60;
/** Never the app's routes: what is not found there is an error, not a page. */
const SERVER_PATH = /^\/(api|ws|app|apps|blobs)(\/|$)/;

/** The built web app: its files, and its first page for every route of its own. */
export function mountWebApp(app: Express, folder: string): void {
  app.use(
    express.static(folder, {
      index: false,
      redirect: false,
      setHeaders: (response, path) => {
        const isHashed = HASHED_NAME.test(path);
        response.setHeader('cache-control', isHashed ? `public, max-age=${ONE_YEAR_SECONDS}, immutable` : 'no-cache');
      },
    }),
  );
  app.use(async (request, response, next) => {
    if (!wantsPage(request)) return next();
    response.setHeader('cache-control', 'no-cache');
    // Looked for each time: the app may be built while the server runs.
    if (await isFile(join(folder, 'index.html'))) response.sendFile('index.html', { root: folder });
    else response.status(503).type('html').send(NOT_BUILT);
  });
}

function wantsPage(request: Request): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  // A missing file (`/favicon.ico`) is missing: a page in its place would be cached under its name.
  return !SERVER_PATH.test(request.path) && !/\.\w+$/.test(request.path) && request.accepts('html') !== false;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Couplet</title></head>
  <body>
    <h1>The server is running</h1>
    <p>The web app is not built yet: run <code>npm run build</code>, then reload this page.
    The API is documented at <a href="/api/docs">/api/docs</a>.</p>
  </body>
</html>
`;
