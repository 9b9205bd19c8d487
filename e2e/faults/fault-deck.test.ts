import { seededRandom } from '@couplet/client/testing';
import { describe, expect, it } from 'vitest';
import { FaultDeck } from './fault-deck.ts';

const KINDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] as const;
const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

describe('the order of faults', () => {
  it('has every kind once before any comes again, and another order for another seed', () => {
    const orders = SEEDS.map((seed) => {
      const deck = new FaultDeck(KINDS, [], seededRandom(seed));
      const [first, second] = [KINDS.map(() => deck.draw()), KINDS.map(() => deck.draw())];
      for (const round of [first, second]) expect([...round].sort()).toEqual([...KINDS].sort());
      return first.join();
    });
    expect(new Set(orders).size).toBeGreaterThan(SEEDS.length / 2);
  });

  it('has what must not be left out of a short run among the first', () => {
    for (const seed of SEEDS) {
      const deck = new FaultDeck(KINDS, ['seven', 'four'], seededRandom(seed));
      const first = [deck.draw(), deck.draw(), deck.draw(), deck.draw()];
      expect(first).toEqual(expect.arrayContaining(['seven', 'four']));
    }
  });

  it('is the same for the same seed', () => {
    const drawn = () => {
      const deck = new FaultDeck(KINDS, ['two'], seededRandom(17));
      return Array.from({ length: 20 }, () => deck.draw());
    };
    expect(drawn()).toEqual(drawn());
  });
});
