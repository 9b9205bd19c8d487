/** All take the moment as "now", so that what they say can be tried at any time. Local time zone, the device's language. */

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const month = new Intl.DateTimeFormat(undefined, { month: 'long' });
const monthOfYear = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const longDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });

const DAY_MS = 24 * 60 * 60 * 1_000;
const MINUTE_MS = 60 * 1_000;

/** `14:05`, or `2:05 PM` where that is the custom. */
export function formatClock(at: number): string {
  return clock.format(at);
}

/** The day that was asked for last: the messages of a thread ask for the same one by the hundred. */
let lastDay = { from: 0, to: 0, key: '' };

/** Identity of the local day, `2026-11-21`. */
export function dayKey(at: number): string {
  if (at < lastDay.from || at >= lastDay.to) {
    const from = new Date(at).setHours(0, 0, 0, 0);
    lastDay = { from, to: new Date(from).setHours(24), key: keyOfDay(new Date(at)) };
  }
  return lastDay.key;
}

function keyOfDay(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** Whole local days from `at` to `now`; a day of 23 or 25 hours counts as one. */
export function daysBetween(at: number, now: number): number {
  return Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY_MS);
}

/** For a row of the chat list: the time today, then "Yesterday", the weekday, the date. */
export function formatListTime(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return formatClock(at);
  if (days === 1) return 'Yesterday';
  if (days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayAndMonth.format(at) : fullDate.format(at);
}

/** A moment in full: `Today, 14:05`, `3 May, 14:05`. */
export function formatMoment(at: number, now: number): string {
  const days = daysBetween(at, now);
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return `${days <= 0 ? 'Today' : days === 1 ? 'Yesterday' : (isThisYear ? dayAndMonth : fullDate).format(at)}, ${formatClock(at)}`;
}

/** For a day separator. */
export function formatDay(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? longDay.format(at) : longDate.format(at);
}

/** `March`, or `March 2025` of another year than now. */
export function formatMonth(at: number, now: number): string {
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? month.format(at) : monthOfYear.format(at);
}

export function formatLastSeen(at: number, now: number): string {
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (minutes < 1) return 'last seen just now';
  if (minutes < 60) return `last seen ${minutes} min ago`;
  const days = daysBetween(at, now);
  if (days <= 0) return `last seen at ${formatClock(at)}`;
  if (days === 1) return `last seen yesterday at ${formatClock(at)}`;
  if (days < 7) return `last seen ${weekday.format(at)} at ${formatClock(at)}`;
  return `last seen ${fullDate.format(at)}`;
}
