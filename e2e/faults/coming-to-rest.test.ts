import { describe, expect, it } from 'vitest';
import { Nearest } from './coming-to-rest.ts';

const steps = (connecting: number, sending: number, following: number) => ({ connecting, sending, telling: 0, following });

describe('coming to rest', () => {
  it('is nearer with every step that is less than ever before', () => {
    const nearest = new Nearest();
    expect(nearest.note('Ana 1', steps(2, 3, 40))).toBe(true);
    expect(nearest.note('Ana 1', steps(2, 3, 39))).toBe(true);
    expect(nearest.note('Ana 1', steps(1, 3, 39))).toBe(true);
    expect(nearest.note('Bo 1', steps(2, 3, 40))).toBe(true);
  });

  it('is not nearer when it loses a connection again and again, or stands still', () => {
    const nearest = new Nearest();
    nearest.note('Ana 1', steps(1, 3, 40));
    for (let count = 0; count < 3; count += 1) {
      expect(nearest.note('Ana 1', steps(2, 3, 40))).toBe(false);
      expect(nearest.note('Ana 1', steps(1, 3, 40))).toBe(false);
      expect(nearest.note('Ana 1', steps(1, 5, 60))).toBe(false);
    }
  });
});
