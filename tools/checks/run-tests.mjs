import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { start } from '../children.mjs';
import { filesUnder } from '../inputs-hash.mjs';
import { ROOT } from '../paths.mjs';
import { testFilesUnder } from '../workspaces.mjs';

/**
 * Runs the tests of one workspace and counts them from the runner's report.
 *
 * @param {string[] | undefined} parts only test files whose path contains one of these
 */
export async function runTests(folder, parts) {
  const files = testFilesUnder(folder).filter((path) => parts === undefined || parts.some((part) => relative(ROOT, path).includes(part)));
  if (files.length === 0) return { passed: 0, failed: 0, output: '' };
  const reports = mkdtempSync(join(tmpdir(), 'couplet-tests-'));
  const report = join(reports, 'report.json');
  try {
    console.log(`• Running the tests of ${folder} (${files.length} ${files.length === 1 ? 'file' : 'files'}) …`);
    const { code, output } = await start(
      'vitest',
      ['run', '--root', '.', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...(parts === undefined ? [] : files)],
      { cwd: join(ROOT, folder), output: 'collect', env: { CI: '1', NO_COLOR: '1', FORCE_COLOR: undefined } },
    ).ended;
    if (!existsSync(report)) return { passed: 0, failed: 1, output };
    return countOf(JSON.parse(readFileSync(report, 'utf8')), code, output);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

/** What a report of the runner comes to. A skipped test counts as failed: it promises what nobody checks. */
export function countOf(report, code, output) {
  const { numPassedTests: passed, numPendingTests: skipped, numTodoTests: todo } = report;
  // A file that fails before its first test has no failed test to count.
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')).length;
  let failed = report.numFailedTests + brokenFiles;
  let words = '';
  if (skipped + todo > 0) {
    failed += skipped + todo;
    words += `${skipped + todo} skipped: a test runs or it is not there.\n`;
  }
  if (code !== 0 && failed === 0) {
    failed = 1;
    words += 'The runner failed although every test passed: an error outside of a test, see below.\n';
  }
  return { passed, failed, output: failed === 0 ? '' : words + output };
}

/** The tests of the commands themselves, with Node's own runner: they have no workspace. */
export async function runToolTests() {
  const files = [...filesUnder(join(ROOT, 'tools'))].filter((file) => file.endsWith('.test.mjs'));
  const { output } = await start(process.execPath, ['--test', '--test-reporter=tap', ...files], { output: 'collect' }).ended;
  const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
  const run = Number(/^# tests (\d+)$/m.exec(output)?.[1] ?? 0);
  const failed = Math.max(run - passed, passed === 0 ? 1 : 0);
  return { passed, failed, output: failed === 0 ? '' : output };
}
