// Every rule that docs/protocol.md lists has a test whose title begins with its id,
// and no test cites a rule that is not listed.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../paths.mjs';
import { listWorkspaces, testFilesUnder } from '../workspaces.mjs';

/** A row of the tables of rules: `| D1 | …`. */
const LISTED = /^\|\s*([A-Z]\d+)\s*\|/gm;
/** The title of a test: `it('[D1] …'`, also through `it.each(…)(` and in a template. */
const CITED = /\b(?:it|test)(?:\.\w+(?:\([^]*?\))?)?\(\s*['"`]((?:\[[A-Z]\d+\]\s*)+)/g;

export function checkRules() {
  return compareRules(
    readFileSync(join(ROOT, 'docs', 'protocol.md'), 'utf8'),
    listWorkspaces().flatMap(({ folder }) => testFilesUnder(folder).map((file) => ({ path: relative(ROOT, file), text: readFileSync(file, 'utf8') }))),
  );
}

export function compareRules(document, tests) {
  const listed = new Set([...document.matchAll(LISTED)].map((match) => match[1]));
  const cited = new Map();
  for (const { path, text } of tests) {
    for (const match of text.matchAll(CITED)) for (const [, id] of match[1].matchAll(/\[([A-Z]\d+)\]/g)) cited.set(id, path);
  }
  const lines = [];
  if (listed.size === 0) lines.push('docs/protocol.md lists no rule');
  for (const id of listed) if (!cited.has(id)) lines.push(`${id} is listed in docs/protocol.md, but no test begins with [${id}]`);
  for (const [id, path] of cited) if (!listed.has(id)) lines.push(`${path} cites [${id}], which docs/protocol.md does not list`);
  return lines.length === 0 ? { passed: 1, failed: 0, output: '' } : { passed: 0, failed: 1, output: lines.join('\n') };
}
