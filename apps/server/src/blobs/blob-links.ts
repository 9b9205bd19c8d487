import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Presentation } from './blob-store.ts';

/** Everything that is signed; the size and the part number only of what is put. */
export type BlobGrant =
  | ({ type: 'get'; key: string; expiresAt: number } & Presentation)
  | { type: 'put'; key: string; expiresAt: number; sizeBytes: number }
  | { type: 'part'; key: string; expiresAt: number; sizeBytes: number; partsId: string; partNumber: number; partSize: number };

/** Who holds a link may do what it says until it expires: nothing else of it can be changed. */
export class BlobLinks {
  readonly #secret: Buffer;
  readonly #origin: () => string;

  /** @param origin where this deployment is reached, without a slash at the end */
  constructor(secret: string, origin: () => string) {
    this.#secret = createHmac('sha256', secret).update('couplet blob links').digest();
    this.#origin = origin;
  }

  /** @param grant.expiresAt epoch milliseconds */
  link(grant: BlobGrant): string {
    const query = new URLSearchParams(claimsOf(grant));
    query.set('signature', this.#sign(grant.key, query.toString()));
    return `${this.#origin()}${BLOB_PATH}${grant.key}?${query.toString()}`;
  }

  /** What a link allows at this moment; `null` when it was changed or has expired. */
  read(key: string, query: string, now: number): BlobGrant | null {
    const given = new URLSearchParams(query);
    const signature = given.get('signature') ?? '';
    given.delete('signature');
    if (!isSame(signature, this.#sign(key, given.toString()))) return null;
    const grant = grantOf(key, given);
    return grant !== null && grant.expiresAt > now ? grant : null;
  }

  /** The etag of a part: what was received, attested, so that only what is really there can be reported. */
  attest(part: { partsId: string; partNumber: number; sizeBytes: number; digest: string }): string {
    const { partsId, partNumber, sizeBytes, digest } = part;
    return `${digest}.${this.#sign(partsId, `${partNumber} ${sizeBytes} ${digest}`)}`;
  }

  isAttested(part: { partsId: string; partNumber: number; sizeBytes: number; etag: string }): boolean {
    const [digest = '', signature = ''] = part.etag.split('.');
    return isSame(signature, this.#sign(part.partsId, `${part.partNumber} ${part.sizeBytes} ${digest}`));
  }

  #sign(key: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${key}\n${text}`).digest('base64url');
  }
}

export const BLOB_PATH = '/blobs/';

function claimsOf(grant: BlobGrant): Record<string, string> {
  const common = { grant: grant.type, expires: String(grant.expiresAt) };
  switch (grant.type) {
    case 'get':
      return { ...common, type: grant.contentType, ...(grant.downloadAs === null ? {} : { name: grant.downloadAs }) };
    case 'put':
      return { ...common, size: String(grant.sizeBytes) };
    case 'part':
      return { ...common, size: String(grant.sizeBytes), parts: grant.partsId, part: String(grant.partNumber), 'part-size': String(grant.partSize) };
  }
}

/** Only ever called with what was signed here: the shape is ours. */
function grantOf(key: string, query: URLSearchParams): BlobGrant | null {
  const text = (name: string) => query.get(name) ?? '';
  const expiresAt = Number(text('expires'));
  switch (text('grant')) {
    case 'get':
      return { type: 'get', key, expiresAt, contentType: text('type'), downloadAs: query.get('name') };
    case 'put':
      return { type: 'put', key, expiresAt, sizeBytes: Number(text('size')) };
    case 'part':
      return {
        type: 'part',
        key,
        expiresAt,
        sizeBytes: Number(text('size')),
        partsId: text('parts'),
        partNumber: Number(text('part')),
        partSize: Number(text('part-size')),
      };
    default:
      return null;
  }
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
