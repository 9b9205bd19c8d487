import { ServerUnderTest } from './server-under-test.ts';
import { type PhaseResult, SteadyChat } from './steady-chat.ts';

/** Each load in turn, and again: what the host gives and takes changes by the minute. */
const ROUNDS = 3;
const PER_SECOND = 1_000;

export interface Cost {
  load: string;
  /** CPU seconds of everything per 1,000 messages, over all rounds. */
  cpu: number;
  /** To one node under the load that stands before it. */
  ratio: number;
  /** The largest share of a round that the host gave to others. */
  stolen: number;
}

/**
 * What a message costs on one node and on several, in turns on the same machine.
 * With the same messages in all, each of several nodes gathers fewer of them in a
 * batch. That alone costs, as the nodes show that have nothing to say to each
 * other; the way between them is the rest.
 */
export async function costOfNodes(several: ServerUnderTest, nodes: number, seconds: number): Promise<Cost[]> {
  const single = await ServerUnderTest.start();
  const chats: SteadyChat[] = [];
  const prepare = async (server: ServerUnderTest, between: boolean) => {
    const chat = await SteadyChat.prepare(server, between);
    chats.push(chat);
    return chat;
  };
  try {
    const one = await prepare(single, true);
    const apart = await prepare(several, false);
    const between = await prepare(several, true);
    const steady = await inTurns([
      { load: `one node, ${PER_SECOND} a second`, run: () => one.fixedRate(PER_SECOND, seconds) },
      { load: `${nodes} nodes, ${PER_SECOND} a second, none between them`, run: () => apart.fixedRate(PER_SECOND, seconds) },
      { load: `${nodes} nodes, ${PER_SECOND} a second`, run: () => between.fixedRate(PER_SECOND, seconds) },
      { load: `${nodes} nodes, ${PER_SECOND} a second each`, run: () => between.fixedRate(PER_SECOND * nodes, seconds) },
    ]);
    const full = await inTurns([
      { load: 'one node, window 8', run: () => one.closedLoop(8, seconds) },
      { load: `${nodes} nodes, window 8`, run: () => between.closedLoop(8, seconds) },
    ]);
    return [...steady, ...full];
  } finally {
    for (const chat of chats) chat.close();
    await single.stop();
  }
}

/** The first one is what the others are held against. */
async function inTurns(loads: readonly { load: string; run: () => Promise<PhaseResult> }[]): Promise<Cost[]> {
  const sums = loads.map(({ load }) => ({ load, cpu: 0, stolen: 0 }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { run }] of loads.entries()) {
      const { cpu, stolen } = await run();
      const sum = sums[index];
      if (!sum) throw new Error('Every load has its sum');
      sum.cpu += cpu.app + cpu.database;
      sum.stolen = Math.max(sum.stolen, stolen);
    }
  }
  const measure = sums[0]?.cpu ?? NaN;
  return sums.map(({ load, cpu, stolen }) => ({ load, cpu: cpu / ROUNDS, ratio: cpu / measure, stolen }));
}
