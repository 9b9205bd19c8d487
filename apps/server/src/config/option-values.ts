import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** Shorter keys can be guessed from one token with a graphics card. */
const SHORTEST_SECRET = 32;

export function wholeNumber(fallback: number, min: number, max: number) {
  return (given: string | undefined, name: string): number => {
    if (given === undefined) return fallback;
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max)) throw new ConfigError(name, `must be a whole number from ${min} to ${max}, not "${given}"`);
    return value;
  };
}

export function oneOf<const T extends string>(given: string, allowed: readonly T[], name: string): T {
  const found = allowed.find((word) => word === given);
  if (found === undefined) throw new ConfigError(name, `must be one of ${allowed.join(', ')}, not "${given}"`);
  return found;
}

export function trueOrFalse(given: string, name: string): boolean {
  return oneOf(given, ['true', 'false'], name) === 'true';
}

/** Checked where it is used, or by nobody but the service it belongs to. */
export function anyText(given: string | undefined): string | undefined {
  return given;
}

/** Stands in paths and between colons. */
export function word(given: string | undefined, name: string): string | undefined {
  if (given !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(given)) throw new ConfigError(name, 'must be 1 to 64 letters, digits or _ -');
  return given;
}

export function list(given: string): string[] {
  return given.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** The complaint never repeats the value: it may be a real secret with a typing error. */
export function secret(given: string | undefined, name: string): string | undefined {
  if (given !== undefined && given.length < SHORTEST_SECRET) throw new ConfigError(name, `must have at least ${SHORTEST_SECRET} characters`);
  return given;
}

/** Kept to the letter, slashes at the end included. */
export function httpUrl(given: string | undefined, name: string): string | undefined {
  const protocol = given === undefined ? undefined : parseUrl(given)?.protocol;
  if (given !== undefined && protocol !== 'http:' && protocol !== 'https:') throw new ConfigError(name, 'must be an http:// or https:// address');
  return given;
}

/** What paths are put behind: without slashes at the end. */
export function baseUrl(given: string | undefined, name: string): string | undefined {
  return httpUrl(given, name)?.replace(/\/+$/, '');
}

export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** The value itself when it begins as one, otherwise what is in the file it names. The complaint repeats neither. */
export function textOrFile(given: string | undefined, name: string, beginning: string): string | undefined {
  if (given === undefined || given.startsWith(beginning)) return given;
  try {
    return readFileSync(given, 'utf8');
  } catch (cause) {
    throw new ConfigError(name, `names a file that cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})`);
  }
}
