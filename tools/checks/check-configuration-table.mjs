// docs/self-hosting.md shows the server's own list of options, word for word: what
// `npm run server -- --help` prints, from the same declarations.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { start } from '../children.mjs';
import { ROOT, SERVER } from '../paths.mjs';

const BLOCK = /<!-- options -->\n```text\n([^]*?)\n```\n<!-- end of options -->/;

export async function checkConfigurationTable() {
  const config = pathToFileURL(join(SERVER, 'src', 'config.ts')).href;
  const { code, output } = await start(process.execPath, ['--input-type=module', '-e', `console.log((await import(${JSON.stringify(config)})).configHelp())`], { output: 'collect' }).ended;
  if (code !== 0) return { passed: 0, failed: 1, output };
  const declared = output.trimEnd();
  const documented = BLOCK.exec(readFileSync(join(ROOT, 'docs', 'self-hosting.md'), 'utf8'))?.[1];
  if (documented === declared) return { passed: 1, failed: 0, output: '' };
  return { passed: 0, failed: 1, output: `docs/self-hosting.md must show between its options marks, as a text block:\n\n${declared}` };
}
