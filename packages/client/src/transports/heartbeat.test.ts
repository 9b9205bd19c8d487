import { expect, it } from 'vitest';
import { ManualClock, seededRandom } from '../testing/index.ts';
import { Heartbeat } from './heartbeat.ts';

function start() {
  const clock = new ManualClock();
  const answers: { resolve(): void; reject(error: Error): void }[] = [];
  let missed = 0;
  const heartbeat = new Heartbeat({
    clock,
    random: seededRandom(1),
    intervalMs: 20_000,
    ping() {
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    missed: () => void (missed += 1),
  });
  return { clock, answers, heartbeat, missed: () => missed };
}

it('waits for the next ping from the answer on, and not in a timer that a timer began: browsers wake those of a hidden page once a minute', async () => {
  const { clock, answers } = start();
  await clock.advance(25_000);
  expect([answers.length, clock.pendingTimers]).toEqual([1, 0]);
  answers[0]?.resolve();
  await clock.advance(14_999);
  expect(answers).toHaveLength(1);
  await clock.advance(10_001);
  expect(answers).toHaveLength(2);
});

it('waits for one next ping when it pinged in between, and for none when it is closed', async () => {
  const { clock, answers, heartbeat } = start();
  heartbeat.beat();
  heartbeat.beat();
  for (const answer of answers) answer.resolve();
  await clock.advance(0);
  expect([answers.length, clock.pendingTimers]).toEqual([2, 1]);
  heartbeat.beat();
  heartbeat.close();
  answers.at(-1)?.resolve();
  await clock.advance(60_000);
  expect([answers.length, clock.pendingTimers]).toEqual([3, 0]);
});

it('tells of an answer that stays out, unless it is closed', async () => {
  const { clock, answers, heartbeat, missed } = start();
  heartbeat.beat();
  answers[0]?.reject(new Error('no answer'));
  await clock.advance(0);
  expect(missed()).toBe(1);
  heartbeat.beat();
  heartbeat.close();
  answers.at(-1)?.reject(new Error('no answer'));
  await clock.advance(0);
  expect(missed()).toBe(1);
});
