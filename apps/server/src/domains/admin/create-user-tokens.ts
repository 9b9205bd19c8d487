import { CoupletError, type SessionId, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import type { AccessTokens } from '../auth/access-token.ts';
import { deleteLongExpiredSessions, insertSessions } from '../auth/sessions-repository.ts';
import { filterExistingUsers } from './admin-repository.ts';

export interface CreateTokensNeeds {
  pool: pg.Pool;
  now: () => number;
  newId: () => string;
  /** Seconds. */
  accessTokenTtl: number;
  accessTokens: AccessTokens;
  metrics: Pick<Metrics, 'adminTokensIssued'>;
}

/** Shown in the user's list of sessions. */
const DEVICE_NAME = 'Server API';

/**
 * An access token per user, each of a session of its own that ends with it and
 * cannot be refreshed. All or none; answered in the order given.
 *
 * @throws CoupletError `not_found` naming the first unknown user
 */
export async function createUserTokens(
  needs: CreateTokensNeeds,
  userIds: readonly UserId[],
): Promise<{ userId: UserId; accessToken: string; expiresAt: string }[]> {
  const now = needs.now();
  const sessions = userIds.map((userId) => ({
    id: needs.newId() as SessionId,
    userId,
    deviceName: DEVICE_NAME,
    refreshSalt: null,
    createdAt: new Date(now),
    expiresAt: new Date(now + needs.accessTokenTtl * 1_000),
  }));
  await inTransaction(needs.pool, async (tx) => {
    const existing = await filterExistingUsers(tx, userIds);
    const unknown = userIds.find((id) => !existing.has(id));
    if (unknown !== undefined) throw new CoupletError('not_found', `There is no user ${unknown}.`);
    await deleteLongExpiredSessions(tx, userIds, new Date(now));
    await insertSessions(tx, sessions);
  });
  needs.metrics.adminTokensIssued(sessions.length);
  return Promise.all(
    sessions.map(async ({ id, userId }) => {
      const { token, expiresAt } = await needs.accessTokens.sign({ userId, sessionId: id, generation: 0, issuedAt: now });
      return { userId, accessToken: token, expiresAt: new Date(expiresAt).toISOString() };
    }),
  );
}
