import type { SessionId, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { Fanout } from '../../fanout/fanout.ts';
import type { Metrics } from '../../metrics.ts';
import { revokeSessionRow } from './sessions-repository.ts';

export interface AnnounceRevokedNeeds {
  fanout: Pick<Fanout, 'publish'>;
  authenticator: { forget(sessionId: SessionId): void };
}

export interface EndSessionNeeds extends AnnounceRevokedNeeds {
  pool: Queryable;
  now: () => number;
  metrics: Pick<Metrics, 'sessionRevoked'>;
}

/** Ends a session for good: its tokens stop working and its connections close. Ending it again changes nothing. */
export async function endSession(needs: EndSessionNeeds, userId: UserId, sessionId: SessionId, reason: 'logout' | 'revoked'): Promise<void> {
  const wasActive = await revokeSessionRow(needs.pool, sessionId, new Date(needs.now()));
  if (!wasActive) return;
  needs.metrics.sessionRevoked(reason);
  announceRevoked(needs, userId, sessionId);
}

/** On this node at once; other nodes hear it through the fan-out, or at the latest when what they remember runs out. */
export function announceRevoked(needs: AnnounceRevokedNeeds, userId: UserId, sessionId: SessionId): void {
  needs.authenticator.forget(sessionId);
  needs.fanout.publish([{ to: userId, payload: { type: 'session.revoked', sessionId } }]);
}
