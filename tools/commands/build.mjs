import { buildServer } from '../build-server.mjs';
import { buildWeb } from '../build-web.mjs';
import { ensureInstalled } from '../installation.mjs';

export async function command() {
  await ensureInstalled();
  await buildEverything();
  console.log('Built: apps/server/dist and apps/mobile/dist. Run them with: npm run server');
  return 0;
}

/** Builds what changed since the last build; says nothing when nothing did. */
export async function buildEverything() {
  await buildServer();
  await buildWeb();
}
