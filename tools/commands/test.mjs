// Everything that is checked, what needs no running program first.
//
// Builds and static checks only need a processor and time: they run two at a time, on
// as many cores, the longest first. Whatever measures behaviour runs after them, a step
// at a time, because a busy machine is the commonest reason for a test that fails now
// and then. Within a step two files run beside each other: what is tested mostly waits.
import { isStopping, StepFailed } from '../children.mjs';
import { chooseSteps } from '../checks/choose-steps.mjs';
import { checkImports, checkLint, checkTypes } from '../checks/static-checks.mjs';
import { checkNativeWebExport, checkPhoneExport, checkServerBuild, checkWebExport } from '../checks/build-checks.mjs';
import { checkConfigurationTable } from '../checks/check-configuration-table.mjs';
import { checkRepository } from '../checks/check-repository.mjs';
import { checkRules } from '../checks/check-rules.mjs';
import { runTests, runToolTests } from '../checks/run-tests.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ensurePrograms } from '../programs.mjs';
import { seconds } from '../timed.mjs';
import { listWorkspaces } from '../workspaces.mjs';

/**
 * A step answers `{ passed, failed, output }`. `words` may name several steps at once:
 * `npm test unit` runs all that carry the word.
 */
function listSteps() {
  const workspaces = listWorkspaces();
  const quiet = [
    { words: ['lint'], title: 'Lint', run: checkLint },
    ...workspaces.map(({ folder }) => ({ words: ['types'], title: `Types of ${folder}`, run: () => checkTypes(folder) })),
    { words: ['unit', 'tools'], title: 'Tests of tools', run: runToolTests },
    { words: ['imports'], title: 'Import rules', run: checkImports },
    { words: ['rules'], title: 'Every listed rule has a test', run: checkRules },
    { words: ['repository'], title: 'What may not stand in the repository', run: checkRepository },
    { words: ['repository'], title: 'The table of options agrees with the server', run: checkConfigurationTable },
  ];
  const exports = [
    { words: ['exports', 'journeys'], title: 'Server build', run: checkServerBuild },
    { words: ['exports', 'journeys'], title: 'Web export', run: checkWebExport },
    { words: ['exports', 'journeys'], title: 'Web export over the native protocol', run: checkNativeWebExport },
    { words: ['exports'], title: 'Android export', run: () => checkPhoneExport('android') },
    { words: ['exports'], title: 'iOS export', run: () => checkPhoneExport('ios') },
  ];
  const unit = workspaces
    .filter(({ name }) => name !== 'e2e')
    .map(({ folder }) => ({ words: ['unit'], title: `Tests of ${folder}`, testsOf: folder, run: (parts) => runTests(folder, parts) }));
  const journeys = [{ words: ['journeys'], title: 'Browser journeys, over both transports, and the fault checker', testsOf: 'e2e', run: (parts) => runTests('e2e', parts) }];
  return { quiet, exports, alone: [...unit, ...journeys] };
}

/** What the tests of a workspace run beside Node. The app's list is tried in a real browser beside its source. */
const PROGRAMS_OF = {
  'apps/mobile': ['chromium'],
  'apps/server': ['redis', 'pgbouncer'],
  'packages/test-system': ['redis', 'nginx'],
  e2e: ['chromium', 'redis', 'nginx'],
};

export async function command(args) {
  await ensureInstalled();
  const { quiet, exports, alone } = chooseSteps(listSteps(), args);
  await ensurePrograms(...new Set(alone.flatMap((step) => PROGRAMS_OF[step.testsOf] ?? [])));

  const begun = performance.now();
  const totals = { passed: 0, failed: 0, failures: [] };
  // Exports write one cache, so they go one after another; whoever is through with them helps with the rest.
  const rest = quiet.values();
  await Promise.all([runInOrder(exports, totals).then(() => runInOrder(rest, totals)), runInOrder(rest, totals)]);
  await runInOrder(alone, totals);

  if (totals.failures.length > 0) console.log(`\nFailed: ${totals.failures.join(' · ')}`);
  if (totals.passed + totals.failed === 0) console.log('\nNothing ran.');
  console.log(`\nTook ${seconds(performance.now() - begun)}.`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

async function runInOrder(steps, totals) {
  for (const step of steps) {
    if (isStopping()) return;
    const begun = performance.now();
    const result = await resultOf(step);
    if (result.passed + result.failed === 0) continue;
    totals.passed += result.passed;
    totals.failed += result.failed;
    if (result.failed > 0) totals.failures.push(step.title);
    const counts = step.testsOf ? `${result.passed} passed, ${result.failed} failed` : result.failed === 0 ? 'ok' : 'FAILED';
    console.log(`── ${step.title}: ${counts} (${seconds(performance.now() - begun)})`);
    const output = result.output.trim();
    if (output !== '') console.log(output.replaceAll(/^/gm, '   '));
  }
}

async function resultOf(step) {
  try {
    return await step.run(step.parts);
  } catch (error) {
    return { passed: 0, failed: 1, output: error instanceof StepFailed ? error.message : (error.stack ?? String(error)) };
  }
}
