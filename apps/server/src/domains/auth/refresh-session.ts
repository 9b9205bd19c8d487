import { CoupletError, type SignedIn } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import type { UserRow } from '../users/user-view.ts';
import { type AnnounceRevokedNeeds, announceRevoked } from './end-session.ts';
import { type IssueNeeds, issueTokens } from './issue-tokens.ts';
import { parseRefreshToken, type RefreshClaim } from './refresh-token.ts';
import { lockSession, revokeSessionRow, rotateSession } from './sessions-repository.ts';

/**
 * How long after a refresh the token just replaced answers the same new pair in any
 * case: a second tab that refreshes at the same moment is not a thief.
 */
export const REFRESH_GRACE_MS = 30_000;

export interface RefreshNeeds extends IssueNeeds, AnnounceRevokedNeeds {
  pool: pg.Pool;
  now: () => number;
  /** Seconds. */
  refreshTokenTtl: number;
  metrics: Pick<Metrics, 'sessionRefreshed' | 'sessionRevoked'>;
}

type Outcome =
  | { status: 'rotated' | 'repeated'; user: UserRow; generation: number; rotatedAt: number; salt: Buffer }
  | { status: 'reused'; user: UserRow }
  | { status: 'refused' };

/**
 * Trades a refresh token for a new pair (rule X6). The current token rotates the
 * session. The one before it repeats the answer as long as nobody has used it, for
 * it may have been lost on its way, and within the grace. An older one
 * is in two hands, so the session ends for both.
 *
 * @throws CoupletError `session_revoked`
 */
export async function refreshSession(needs: RefreshNeeds, refreshToken: string): Promise<SignedIn> {
  const claim = parseRefreshToken(refreshToken);
  const outcome: Outcome = claim ? await inTransaction(needs.pool, (tx) => settle(needs, tx, claim)) : { status: 'refused' };
  // Thrown only here, after the transaction: a revocation must be committed.
  switch (outcome.status) {
    case 'rotated':
    case 'repeated': {
      needs.metrics.sessionRefreshed(outcome.status);
      const { user, generation, rotatedAt, salt } = outcome;
      return issueTokens(needs, user, { id: parsed(claim).sessionId, salt, generation, rotatedAt });
    }
    case 'reused':
      needs.metrics.sessionRefreshed('refused');
      needs.metrics.sessionRevoked('token-reuse');
      announceRevoked(needs, outcome.user.id, parsed(claim).sessionId);
      throw new CoupletError('session_revoked');
    case 'refused':
      needs.metrics.sessionRefreshed('refused');
      throw new CoupletError('session_revoked');
  }
}

async function settle(needs: RefreshNeeds, tx: Transaction, claim: RefreshClaim): Promise<Outcome> {
  const now = needs.now();
  const found = await lockSession(tx, claim.sessionId);
  if (!found) return { status: 'refused' };
  const { session, user } = found;
  const salt = session.refresh_salt;
  if (salt === null || !needs.refreshTokens.isGenuine(claim, salt)) return { status: 'refused' };
  if (session.revoked_at !== null || Date.parse(session.expires_at) <= now) return { status: 'refused' };
  // Above the stored one only after the database was restored from a backup: still the newest there is.
  if (claim.generation >= session.generation) {
    const generation = claim.generation + 1;
    await rotateSession(tx, claim.sessionId, generation, new Date(now), new Date(now + needs.refreshTokenTtl * 1_000));
    return { status: 'rotated', user, generation, rotatedAt: now, salt };
  }
  const rotatedAt = Date.parse(session.rotated_at);
  const mayBeLost = session.used_generation < session.generation || now - rotatedAt <= REFRESH_GRACE_MS;
  if (claim.generation === session.generation - 1 && mayBeLost) {
    return { status: 'repeated', user, generation: session.generation, rotatedAt, salt };
  }
  await revokeSessionRow(tx, claim.sessionId, new Date(now));
  return { status: 'reused', user };
}

function parsed(claim: RefreshClaim | null): RefreshClaim {
  if (!claim) throw new Error('A session was settled without a token');
  return claim;
}
