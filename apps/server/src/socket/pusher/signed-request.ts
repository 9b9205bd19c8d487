import { createHash } from 'node:crypto';
import { PUSHER_LIMITS } from './limits.ts';
import { isSame, type PusherApp, sign } from './signatures.ts';

/** A request to the HTTP API as it came over the wire. */
export interface WireRequest {
  method: string;
  /** Not decoded, without the query. */
  path: string;
  /** Not decoded, without the question mark. */
  query: string;
  body: Uint8Array;
}

/**
 * The decoded parameters of a request that the app signed; null for any other.
 * The signature covers method, path, every parameter and, through its MD5, the body.
 */
export function verifyRequest(app: PusherApp, request: WireRequest, nowSeconds: number): ReadonlyMap<string, string> | null {
  const parameters = parseQuery(request.query);
  if (!parameters) return null;
  const get = (name: string) => parameters.get(name) ?? '';
  if (!isSame(get('auth_key'), app.key) || get('auth_version') !== '1.0') return null;
  const timestamp = /^\d{1,12}$/.test(get('auth_timestamp')) ? Number(get('auth_timestamp')) : Number.NaN;
  if (!(Math.abs(nowSeconds - timestamp) <= PUSHER_LIMITS.clockToleranceSeconds)) return null;
  if ((request.body.length > 0 || parameters.has('body_md5')) && !isSame(get('body_md5'), md5(request.body))) return null;
  // The official library signs the path before it is escaped for the wire, which shows with ids of users.
  const isSigned = [request.path, unescaped(request.path)].some((path) => isSame(get('auth_signature'), sign(app, signedText({ ...request, path }, parameters))));
  return isSigned ? parameters : null;
}

function signedText({ method, path }: WireRequest, parameters: ReadonlyMap<string, string>): string {
  const names = [...parameters.keys()].filter((name) => name !== 'auth_signature').sort();
  return [method.toUpperCase(), path, names.map((name) => `${name}=${parameters.get(name) ?? ''}`).join('&')].join('\n');
}

/** Null when it is not valid or names something twice: of two values only one would be signed. A plus stays a plus. */
function parseQuery(query: string): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    try {
      const decoded = decodeURIComponent(name);
      if (parameters.has(decoded)) return null;
      parameters.set(decoded, decodeURIComponent(rest.join('=')));
    } catch {
      return null;
    }
  }
  return parameters;
}

/** Without escapes, but for those of what divides a path. */
function unescaped(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function md5(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}
