import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Why a request is not what the account signed, or `null` when it is: AWS
 * Signature Version 4, worked out from the secret alone and without the library
 * that signs. Knows what the store uses: links (`X-Amz-…` in the query) and
 * signed headers (`Authorization`).
 */
export function refusalOf(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, account: { accessKeyId: string; secretAccessKey: string }, now: number): string | null {
  const { path, query } = split(request.url ?? '/');
  const isLink = query.some(([name]) => name === 'X-Amz-Signature');
  const given = isLink ? ofLink(query) : ofHeaders(request);
  if (given === null) return 'AccessDenied';
  const [accessKeyId, day = '', region = '', service = '', ending] = given.credential.split('/');
  if (accessKeyId !== account.accessKeyId) return 'InvalidAccessKeyId';
  if (service !== 's3' || ending !== 'aws4_request' || !given.at.startsWith(day)) return 'AuthorizationQueryParametersError';
  const signedAt = timeOf(given.at);
  if (isLink && (now < signedAt - SKEW_MS || now >= signedAt + given.lifeSeconds * 1_000)) return 'AccessDenied: Request has expired';
  if (!isLink && Math.abs(now - signedAt) > SKEW_MS) return 'RequestTimeTooSkewed';
  if (!given.signedHeaders.includes('host')) return 'SignatureDoesNotMatch: host is not signed';
  const headers = given.signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`).join('');
  const canonicalQuery = query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [request.method, path.split('/').map(encode).join('/'), canonicalQuery, headers, given.signedHeaders.join(';'), given.payload].join('\n');
  const scope = [day, region, service, ending].join('/');
  const toSign = ['AWS4-HMAC-SHA256', given.at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${account.secretAccessKey}`);
  return hmac(key, toSign).toString('hex') === given.signature ? null : 'SignatureDoesNotMatch';
}

interface Given {
  credential: string;
  at: string;
  signedHeaders: string[];
  signature: string;
  payload: string;
  lifeSeconds: number;
}

function ofLink(query: readonly [string, string][]): Given | null {
  const values = new Map(query);
  if (values.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return null;
  const lifeSeconds = Number(values.get('X-Amz-Expires'));
  if (!(lifeSeconds > 0 && lifeSeconds <= LONGEST_SECONDS)) return null;
  return {
    credential: values.get('X-Amz-Credential') ?? '',
    at: values.get('X-Amz-Date') ?? '',
    signedHeaders: (values.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: values.get('X-Amz-Signature') ?? '',
    payload: values.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
    lifeSeconds,
  };
}

function ofHeaders({ headers }: Pick<IncomingMessage, 'headers'>): Given | null {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '');
  if (!parts) return null;
  const [, credential = '', signedHeaders = '', signature = ''] = parts;
  return { credential, at: String(headers['x-amz-date'] ?? ''), signedHeaders: signedHeaders.split(';'), signature, payload: String(headers['x-amz-content-sha256'] ?? ''), lifeSeconds: 0 };
}

/** As they stand in the request line, decoded once. */
function split(url: string): { path: string; query: [string, string][] } {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  const pairs = query.split('&').filter(Boolean).map((pair): [string, string] => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
  return { path: path.split('/').map(decodeURIComponent).join('/'), query: pairs };
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** `20261122T120000Z` as epoch milliseconds. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** As every S3 allows clocks to differ. */
const SKEW_MS = 15 * 60 * 1_000;
const LONGEST_SECONDS = 7 * 24 * 60 * 60;
