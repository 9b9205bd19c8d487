import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSteps } from './choose-steps.mjs';

const types = { words: ['types'], title: 'Types' };
const tools = { words: ['unit', 'tools'], title: 'Tests of tools' };
const build = { words: ['exports', 'journeys'], title: 'Build' };
const unit = { words: ['unit'], title: 'Tests of a package' };
const journeys = { words: ['journeys'], title: 'Journeys' };
const ALL = { quiet: [types, tools], exports: [build], alone: [unit, journeys] };

test('without a word everything runs', () => {
  assert.deepEqual(chooseSteps(ALL, []), ALL);
});

test('a word runs every step that carries it', () => {
  assert.deepEqual(chooseSteps(ALL, ['journeys']), { quiet: [], exports: [build], alone: [journeys] });
});

test('every word counts, not only the first', () => {
  assert.deepEqual(chooseSteps(ALL, ['types', 'unit']), { quiet: [types, tools], exports: [], alone: [unit] });
});

test('words that name no step choose files, wherever they are', () => {
  const parts = ['batcher', 'outbox'];
  assert.deepEqual(chooseSteps(ALL, parts), { quiet: [], exports: [], alone: [{ ...unit, parts }, { ...journeys, parts }] });
});

test('a step that was named runs whole beside files that were chosen', () => {
  assert.deepEqual(chooseSteps(ALL, ['unit', 'sign-in']).alone, [unit, { ...journeys, parts: ['sign-in'] }]);
});
