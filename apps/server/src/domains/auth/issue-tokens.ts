import type { SessionId, SignedIn } from '@couplet/protocol';
import { type UserRow, viewerView } from '../users/user-view.ts';
import type { AccessTokens } from './access-token.ts';
import type { RefreshTokens } from './refresh-token.ts';

export interface IssueNeeds {
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
}

/**
 * The pair of tokens of one generation of a session. Depends on nothing but its
 * arguments: asked again, it answers the very same pair.
 *
 * @param session.rotatedAt epoch milliseconds at which this generation began
 */
export async function issueTokens(
  needs: IssueNeeds,
  user: UserRow,
  session: { id: SessionId; salt: Uint8Array; generation: number; rotatedAt: number },
): Promise<SignedIn> {
  const { token, expiresAt } = await needs.accessTokens.sign({ userId: user.id, sessionId: session.id, generation: session.generation, issuedAt: session.rotatedAt });
  return {
    user: viewerView(user),
    accessToken: token,
    accessTokenExpiresAt: new Date(expiresAt).toISOString(),
    refreshToken: needs.refreshTokens.make(session.id, session.generation, session.salt),
    sessionId: session.id,
  };
}
