/**
 * Server time as whole microseconds since the epoch: exact in a JavaScript
 * number until the year 2255, and comparable, which ISO text of varying
 * precision is not.
 */
export type Micros = number;

export function microsFromMillis(millis: number): Micros {
  return Math.floor(millis * 1000);
}

/** ISO 8601 UTC with six digits, as PostgreSQL takes it and the protocol shows it. */
export function isoFromMicros(micros: Micros): string {
  const millis = Math.floor(micros / 1000);
  const rest = micros - millis * 1000;
  return `${new Date(millis).toISOString().slice(0, -1)}${rest.toString().padStart(3, '0')}Z`;
}

/** From ISO text with up to six digits of a second, ending in Z. */
export function microsFromIso(iso: string): Micros {
  const fraction = /\.(\d{1,6})Z$/.exec(iso)?.[1] ?? '';
  const wholeSeconds = Date.parse(`${iso.slice(0, 19)}Z`);
  return wholeSeconds * 1000 + Number(fraction.padEnd(6, '0'));
}

/** The start of the UTC hour. */
export function hourOf(micros: Micros): Micros {
  return micros - (micros % MICROS_PER_HOUR);
}

const MICROS_PER_HOUR = 3_600_000_000;
