import { createHmac } from 'node:crypto';
import { CoupletError, type SessionId, type UserId } from '@couplet/protocol';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createAccessTokens } from './access-token.ts';

const SECRET = 'a-secret-that-only-tests-sign-with-00';
const who = { userId: '01a20034-2d6b-7865-bdff-b76d14457b0f' as UserId, sessionId: '01a20034-2d71-7f3f-9cb3-fc69e9ce933f' as SessionId, generation: 3 };

describe('an access token', () => {
  const clock = { now: 1_795_299_749_227 };
  const tokens = createAccessTokens(SECRET, 900, () => clock.now);

  const refusalOf = (token: string) => {
    try {
      return tokens.verify(token);
    } catch (error) {
      return error instanceof CoupletError ? error.code : error;
    }
  };

  it('says who and until when', async () => {
    const { token, expiresAt } = await tokens.sign({ ...who, issuedAt: clock.now });
    expect(expiresAt).toBe(1_795_300_649_000);
    expect(tokens.verify(token)).toEqual({ ...who, expiresAt });
  });

  it('is the same for the same session and time', async () => {
    const one = await tokens.sign({ ...who, issuedAt: clock.now });
    expect(await tokens.sign({ ...who, issuedAt: clock.now })).toEqual(one);
  });

  it('runs out', async () => {
    const { token } = await tokens.sign({ ...who, issuedAt: clock.now - 1_000_000 });
    expect(refusalOf(token)).toBe('not_authenticated');
  });

  it.each([
    ['signed with another secret', () => createAccessTokens('another-secret-that-nobody-knows-00000', 900, () => clock.now).sign({ ...who, issuedAt: clock.now }).then(({ token }) => token)],
    ['not signed at all', () => Promise.resolve(new UnsecuredJWT({ sub: who.userId, sid: who.sessionId, iat: 1_795_299_749, exp: 1_795_300_649 }).encode())],
    ['signed with another algorithm', () => signed({ sid: who.sessionId }, 'HS512')],
    ['without a session', () => signed({})],
    ['with a session that is none', () => signed({ sid: "' OR 1=1" })],
    ['that is no token', () => Promise.resolve('a.b.c')],
    ['with a part more', async () => `${(await tokens.sign({ ...who, issuedAt: clock.now })).token}.x`],
    ['with nothing in its header', () => Promise.resolve(withHeader('{}'))],
    ['with a signature of letters beyond a byte', async () => (await tokens.sign({ ...who, issuedAt: clock.now })).token.slice(0, -1) + 'é'],
    ['with a changed part', async () => (await tokens.sign({ ...who, issuedAt: clock.now })).token.replace(/\.(...)/, '.abc')],
  ])('%s is refused', async (_case, make) => {
    expect(refusalOf(await make())).toBe('not_authenticated');
  });
});

function signed(claims: Record<string, unknown>, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg })
    .setSubject(who.userId)
    .setIssuedAt(1_795_299_749)
    .setExpirationTime(1_795_300_649)
    .sign(Buffer.from(SECRET.padEnd(64, '0').slice(0, alg === 'HS512' ? 64 : SECRET.length)));
}

/** Signed here, but for what its header says. */
function withHeader(header: string): string {
  const claims = { sub: who.userId, sid: who.sessionId, iat: 1_795_299_749, exp: 1_795_300_649 };
  const text = [header, JSON.stringify(claims)].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}
