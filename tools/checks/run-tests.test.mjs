import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf } from './run-tests.mjs';

const REPORT = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

test('counts what passed', () => {
  assert.deepEqual(countOf(REPORT, 0, 'words'), { passed: 3, failed: 0, output: '' });
});

test('counts a file that broke before its first test', () => {
  const report = { ...REPORT, testResults: [{ status: 'failed', assertionResults: [] }] };
  assert.equal(countOf(report, 1, 'words').failed, 1);
});

test('counts skipped tests as failed', () => {
  assert.equal(countOf({ ...REPORT, numPendingTests: 2 }, 0, '').failed, 2);
});

test('fails when the runner failed outside of every test', () => {
  assert.equal(countOf(REPORT, 1, '').failed, 1);
});
