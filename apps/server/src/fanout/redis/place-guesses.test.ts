import type { UserId } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { PlaceGuesses } from './place-guesses.ts';

const [ana, bo, cy] = ['ana', 'bo', 'cy'] as UserId[] as [UserId, UserId, UserId];

it('knows where users were when they were last looked for', () => {
  const guesses = new PlaceGuesses();
  guesses.learn(new Map([[ana, ['one']], [bo, ['one', 'two']]]));
  guesses.learn(new Map([[ana, []], [bo, ['two']]]));
  expect(guesses.of([ana, bo, cy])).toEqual(new Map([[bo, ['two']]]));
});

it('forgets whoever was not looked for the longest', () => {
  const guesses = new PlaceGuesses(2);
  guesses.learn(new Map([[ana, ['one']], [bo, ['one']]]));
  guesses.learn(new Map([[ana, ['one']]]));
  guesses.learn(new Map([[cy, ['one']]]));
  expect([...guesses.of([ana, bo, cy]).keys()]).toEqual([ana, cy]);
});
