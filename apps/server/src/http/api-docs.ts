import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { openApiDocument } from '@couplet/protocol/openapi';
import express, { type Express } from 'express';
import { docsSecurityHeaders } from './security-headers.ts';

/** `/api/openapi.json`, and a page to read and try it at `/api/docs`: all from this server, nothing from elsewhere. */
export function mountApiDocs(app: Express, serverVersion: string): void {
  // Built once: it only depends on the protocol's schemas.
  const json = JSON.stringify(openApiDocument(serverVersion));
  app.get('/api/openapi.json', (_request, response) => {
    response.type('json').send(json);
  });
  const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = express.Router();
  page.use(docsSecurityHeaders());
  page.get('/', (_request, response) => {
    response.type('html').send(PAGE);
  });
  page.get('/start.js', (_request, response) => {
    response.type('js').send(START);
  });
  for (const file of FILES) page.get(`/${file}`, (_request, response) => response.sendFile(file, { root: swaggerFolder, maxAge: '1h' }));
  app.use('/api/docs', page);
}

const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Couplet API</title>
    <link rel="icon" href="/api/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#api', deepLinking: true, persistAuthorization: false, validatorUrl: null });
`;
