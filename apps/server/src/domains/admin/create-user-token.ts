import { CoupletError, type UserId } from '@couplet/protocol';
import { type CreateTokensNeeds, createUserTokens } from './create-user-tokens.ts';

/** @throws CoupletError `not_found` */
export async function createUserToken(needs: CreateTokensNeeds, userId: UserId): Promise<{ accessToken: string; expiresAt: string }> {
  const [issued] = await createUserTokens(needs, [userId]);
  if (!issued) throw new CoupletError('not_found');
  return { accessToken: issued.accessToken, expiresAt: issued.expiresAt };
}
