import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FITTED, fittedSize, MOST_SCALE, turnOf, withinFrame, zoomedTo } from './zoom.ts';

const FRAME = { width: 390, height: 844 };

describe('a picture in the viewer', () => {
  it('fits into the frame in its own proportions, and fills it while they are not known', () => {
    expect(fittedSize({ width: 4_000, height: 3_000 }, FRAME)).toEqual({ width: 390, height: 292.5 });
    expect(fittedSize({}, FRAME)).toEqual(FRAME);
  });

  it('keeps the point under the fingers where it is while it grows and shrinks', () => {
    const focal = { x: 100, y: -50 };
    const larger = zoomedTo(FITTED, 2, focal);
    expect(larger).toEqual({ scale: 2, x: -100, y: 50 });
    expect(zoomedTo(larger, 1, focal)).toEqual(FITTED);
  });

  it('never leaves a gap beside it where it is larger than the frame, and stands in the middle where it is smaller', () => {
    const any = fc.record({ scale: fc.double({ min: 0.1, max: 20, noNaN: true }), x: fc.double({ min: -5_000, max: 5_000, noNaN: true }), y: fc.double({ min: -5_000, max: 5_000, noNaN: true }) });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 9_000 }), (zoom, width, height) => {
        const fitted = fittedSize({ width, height }, FRAME);
        const held = withinFrame(zoom, fitted, FRAME);
        expect(held.scale).toBeGreaterThanOrEqual(1);
        expect(held.scale).toBeLessThanOrEqual(MOST_SCALE);
        for (const [at, side, room] of [[held.x, fitted.width, FRAME.width], [held.y, fitted.height, FRAME.height]] as const) {
          const overhang = side * held.scale - room;
          if (overhang <= 0) expect(Math.abs(at)).toBe(0);
          else expect(Math.abs(at)).toBeLessThanOrEqual(overhang / 2 + 1e-6);
        }
        // Twice is as good as once.
        expect(withinFrame(held, fitted, FRAME)).toEqual(held);
      }),
    );
  });

  it('turns with a quarter of the way or a flick, and not against it', () => {
    expect([turnOf(-100, 0, 390), turnOf(-90, 0, 390), turnOf(-20, -800, 390), turnOf(-20, 800, 390), turnOf(100, 0, 390), turnOf(20, 800, 390)]).toEqual([1, 0, 1, 0, -1, -1]);
  });
});
