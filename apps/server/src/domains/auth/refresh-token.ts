import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type SessionId, sessionIdSchema } from '@couplet/protocol';

/** A refresh token's own statement: which session, and its how manieth token this is. */
export interface RefreshClaim {
  sessionId: SessionId;
  generation: number;
  mac: Buffer;
}

/** Bytes of random salt per session: a leaked database alone forges nothing, nor does a leaked AUTH_SECRET. */
export const REFRESH_SALT_BYTES = 16;

export interface RefreshTokens {
  make(sessionId: SessionId, generation: number, salt: Uint8Array): string;
  isGenuine(claim: RefreshClaim, salt: Uint8Array): boolean;
}

/**
 * Refresh tokens are `<sessionId>.<generation>.<mac>`: no table of tokens, the
 * session's generation says which one is current.
 */
export function createRefreshTokens(secret: string): RefreshTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'couplet refresh token', 32));
  const macOf = (sessionId: SessionId, generation: number, salt: Uint8Array) =>
    createHmac('sha256', key).update(salt).update(`${sessionId}|${generation}`).digest();
  return {
    make: (sessionId, generation, salt) => `${sessionId}.${generation}.${macOf(sessionId, generation, salt).toString('base64url')}`,
    isGenuine: (claim, salt) => timingSafeEqual(claim.mac, macOf(claim.sessionId, claim.generation, salt)),
  };
}

/** Null for what cannot be a token of ours. Says nothing about whether it is genuine. */
export function parseRefreshToken(token: string): RefreshClaim | null {
  const parts = /^([0-9a-f-]{36})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/.exec(token);
  const sessionId = sessionIdSchema.safeParse(parts?.[1]);
  if (!parts || !sessionId.success) return null;
  return { sessionId: sessionId.data, generation: Number(parts[2]), mac: Buffer.from(parts[3] ?? '', 'base64url') };
}
