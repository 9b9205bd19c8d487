import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CoupletError } from '@couplet/protocol';

/** @throws CoupletError `not_authenticated` when there is none */
export function bearerToken(request: IncomingMessage): string {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new CoupletError('not_authenticated');
  return token;
}

/** Compares without telling by its duration how much was right: not even the length. */
export function createKeyCheck(key: string): (given: string) => boolean {
  const expected = digest(key);
  return (given) => timingSafeEqual(digest(given), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
