import { CoupletError, type SignedIn } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import { findUserByLogin } from '../users/users-repository.ts';
import { type IssueNeeds, issueTokens } from './issue-tokens.ts';
import { type OpenSessionNeeds, openSession } from './open-session.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { deleteLongExpiredSessions } from './sessions-repository.ts';

export interface LoginNeeds extends IssueNeeds, OpenSessionNeeds {
  pool: pg.Pool;
  passwords: PasswordHasher;
  metrics: Pick<Metrics, 'loginSucceeded' | 'loginFailed'>;
}

/**
 * Whether it was the login or the password is told neither by the answer nor by its time.
 *
 * @throws CoupletError `wrong_credentials`
 */
export async function login(needs: LoginNeeds, credentials: { login: string; password: string }, deviceName: string): Promise<SignedIn> {
  const user = await findUserByLogin(needs.pool, credentials.login);
  const isRight = await needs.passwords.matches(user?.password_hash ?? null, credentials.password);
  if (!user || !isRight) {
    needs.metrics.loginFailed('wrong_credentials');
    throw new CoupletError('wrong_credentials');
  }
  const session = await inTransaction(needs.pool, async (tx) => {
    await deleteLongExpiredSessions(tx, [user.id], new Date(needs.now()));
    return openSession(needs, tx, user.id, deviceName);
  });
  needs.metrics.loginSucceeded();
  return issueTokens(needs, user, session);
}
