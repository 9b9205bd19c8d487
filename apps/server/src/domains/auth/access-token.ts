import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { CoupletError, type SessionId, sessionIdSchema, type UserId, userIdSchema } from '@couplet/protocol';
import { SignJWT } from 'jose';
import { z } from 'zod';

/** What an access token says. Times in epoch milliseconds, of which the token keeps whole seconds. */
export interface AccessClaims {
  userId: UserId;
  sessionId: SessionId;
  /** Of the refresh token that came with it; 0 for a session that cannot be refreshed. */
  generation: number;
  expiresAt: number;
}

export interface AccessTokens {
  /** The same claims and time give the same token: a repeated refresh answers the same pair. */
  sign(claims: { userId: UserId; sessionId: SessionId; generation: number; issuedAt: number }): Promise<{ token: string; expiresAt: number }>;
  /** @throws CoupletError `not_authenticated` for anything not signed here, expired or malformed */
  verify(token: string): AccessClaims;
}

const claimsSchema = z.object({ sub: userIdSchema, sid: sessionIdSchema, gen: z.number().int().nonnegative().default(0), exp: z.number(), iat: z.number() });
/** Named here, never taken from the token. */
const ALGORITHM = 'HS256';
const headerSchema = z.object({ alg: z.literal(ALGORITHM) });
/** Nodes' clocks differ by this much at most, or somebody has to look after them. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** @param ttlSeconds how long a token lives */
export function createAccessTokens(secret: string, ttlSeconds: number, now: () => number): AccessTokens {
  const key = createSecretKey(Buffer.from(secret));
  return {
    async sign({ userId, sessionId, generation, issuedAt }) {
      const iat = Math.floor(issuedAt / 1_000);
      const exp = iat + ttlSeconds;
      const token = await new SignJWT({ sid: sessionId, gen: generation })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(userId)
        .setIssuedAt(iat)
        .setExpirationTime(exp)
        .sign(key);
      return { token, expiresAt: exp * 1_000 };
    },
    verify(token) {
      try {
        const [header = '', payload = '', signature = '', ...more] = token.split('.');
        // One HMAC, here and now: the library's way through the thread pool costs ten times as much, which a storm of reconnects pays a thousand times.
        const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url');
        if (more.length > 0 || signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) {
          throw new CoupletError('not_authenticated', 'Not signed here.');
        }
        headerSchema.parse(decode(header));
        const { sub, sid, gen, exp } = claimsSchema.parse(decode(payload));
        if (exp <= now() / 1_000 - CLOCK_TOLERANCE_SECONDS) throw new CoupletError('not_authenticated', 'Expired.');
        return { userId: sub, sessionId: sid, generation: gen, expiresAt: exp * 1_000 };
      } catch (cause) {
        throw new CoupletError('not_authenticated', undefined, { cause });
      }
    },
  };
}

function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
