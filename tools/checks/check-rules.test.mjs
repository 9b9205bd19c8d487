import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRules } from './check-rules.mjs';

const DOCUMENT = '| Id | Rule |\n|---|---|\n| D1 | stored |\n| S2 | nothing late |\n';

test('passes when every listed rule is cited and every cited one is listed', () => {
  const tests = [{ path: 'a.test.ts', text: "it('[D1] survives', run);\nit.each([1, 2])(`[S2] with ${n} writers`, run);" }];
  assert.equal(compareRules(DOCUMENT, tests).failed, 0);
});

test('takes several ids in one title', () => {
  assert.equal(compareRules(DOCUMENT, [{ path: 'a.test.ts', text: 'test("[D1] [S2] both", run)' }]).failed, 0);
});

test('fails on a listed rule without a test', () => {
  const { failed, output } = compareRules(DOCUMENT, [{ path: 'a.test.ts', text: "it('[D1] survives', run)" }]);
  assert.equal(failed, 1);
  assert.match(output, /S2 is listed/);
});

test('does not take a comment or a describe for a test', () => {
  assert.equal(compareRules(DOCUMENT, [{ path: 'a.test.ts', text: "// it proves [D1]\ndescribe('[S2] sync', () => {})" }]).failed, 1);
});

test('fails on a test that cites an unknown rule', () => {
  const { failed, output } = compareRules(DOCUMENT, [{ path: 'a.test.ts', text: "it('[D1] a', run); it('[S2] b', run); it('[D9] c', run)" }]);
  assert.equal(failed, 1);
  assert.match(output, /a\.test\.ts cites \[D9\]/);
});

test('fails when the document lists nothing, so that a moved table does not pass', () => {
  assert.equal(compareRules('# Rules', []).failed, 1);
});
