import { expect, test } from 'vitest';
import { dayKey, daysBetween, formatClock, formatDay, formatLastSeen, formatListTime, formatMoment } from './format-time.ts';

const now = new Date(2026, 10, 21, 14, 30).getTime();
const at = (...parts: [number, number, number, number?, number?]) => new Date(parts[0], parts[1], parts[2], parts[3] ?? 12, parts[4] ?? 0).getTime();

test('the list tells the time today, then yesterday, the weekday, the date, the year', () => {
  expect(formatListTime(at(2026, 10, 21, 9, 5), now)).toBe(formatClock(at(2026, 10, 21, 9, 5)));
  expect(formatListTime(at(2026, 10, 20, 23, 59), now)).toBe('Yesterday');
  expect(formatListTime(at(2026, 10, 18), now)).toMatch(/wednesday/i);
  expect(formatListTime(at(2026, 5, 2), now)).not.toContain('2026');
  expect(formatListTime(at(2024, 5, 2), now)).toContain('2024');
});

test('a moment in full tells its day and its time', () => {
  expect(formatMoment(at(2026, 10, 21, 9, 5), now)).toBe(`Today, ${formatClock(at(2026, 10, 21, 9, 5))}`);
  expect(formatMoment(at(2026, 10, 20, 9, 5), now)).toBe(`Yesterday, ${formatClock(at(2026, 10, 20, 9, 5))}`);
  expect(formatMoment(at(2025, 4, 3, 9, 5), now)).toContain('2025');
});

test('a clock slightly ahead of ours still reads as today', () => {
  expect(formatDay(now + 60_000, now)).toBe('Today');
  expect(formatLastSeen(now + 60_000, now)).toBe('last seen just now');
});

test('days are counted by midnight, not by 24 hours', () => {
  expect(daysBetween(at(2026, 10, 20, 23, 59), at(2026, 10, 21, 0, 1))).toBe(1);
  expect(dayKey(at(2026, 0, 3))).toBe('2026-01-03');
  expect([at(2026, 0, 3, 23, 59), at(2026, 0, 4, 0, 0), at(2026, 0, 3, 0, 0), at(2026, 0, 2, 23, 59)].map(dayKey)).toEqual(['2026-01-03', '2026-01-04', '2026-01-03', '2026-01-02']);
});

test('last seen grows coarser with time', () => {
  expect(formatLastSeen(now - 5 * 60_000, now)).toBe('last seen 5 min ago');
  expect(formatLastSeen(at(2026, 10, 21, 8), now)).toBe(`last seen at ${formatClock(at(2026, 10, 21, 8))}`);
  expect(formatLastSeen(at(2026, 10, 20, 8), now)).toContain('yesterday');
  expect(formatLastSeen(at(2025, 1, 1), now)).toContain('2025');
});
