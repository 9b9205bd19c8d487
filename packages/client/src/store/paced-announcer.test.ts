import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { CONVERSATION_ID, sampleMessage } from '../testing/samples.ts';
import { PACE_MS, PacedAnnouncer } from './paced-announcer.ts';
import { Touched } from './touched.ts';

let clock: ManualClock;
/** The seqs of each announcement. */
let told: number[][];
let fail: boolean;
let paced: PacedAnnouncer;
const problems: unknown[] = [];

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  fail = false;
  problems.length = 0;
  paced = new PacedAnnouncer({
    clock,
    report: (_where, error) => void problems.push(error),
    announce: async (touched) => {
      if (fail) throw new Error('nobody listens');
      told.push(touched.messages().flatMap(([, messages]) => messages.map(({ seq }) => seq)));
    },
  });
});

function written(...seqs: number[]): Touched {
  const touched = new Touched();
  touched.addMessages(seqs.map((seq) => sampleMessage(seq)));
  return touched;
}

describe('announcing in a row of transactions', () => {
  it('tells of the first at once, and of those after it together', async () => {
    await paced.add(written(1, 2));
    expect(told).toEqual([[1, 2]]);
    await paced.add(written(3));
    await clock.advance(PACE_MS - 1);
    await paced.add(written(4, 5));
    expect(told).toEqual([[1, 2]]);
    await clock.advance(1);
    expect(told).toEqual([[1, 2], [3, 4, 5]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells of a settled outbox at once, after what came before it', async () => {
    await paced.add(written(1));
    await paced.add(written(2));
    const settled = written(3);
    settled.outboxes.add(CONVERSATION_ID);
    await paced.add(settled);
    expect(told).toEqual([[1], [2, 3]]);
  });

  it('tells of the rest when the row ends, and leaves no timer', async () => {
    await paced.add(written(1));
    await paced.add(written(2));
    await paced.flush();
    await paced.flush();
    expect(told).toEqual([[1], [2]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on after an announcement that failed', async () => {
    fail = true;
    await paced.add(written(1));
    fail = false;
    await paced.add(written(2));
    await paced.flush();
    expect(told).toEqual([[2]]);
    expect(problems).toHaveLength(1);
  });
});
