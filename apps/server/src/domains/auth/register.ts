import { CoupletError, type SignedIn, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import { insertUser } from '../users/users-repository.ts';
import { type IssueNeeds, issueTokens } from './issue-tokens.ts';
import { type OpenSessionNeeds, openSession } from './open-session.ts';
import type { PasswordHasher } from './password-hasher.ts';

export interface RegisterNeeds extends IssueNeeds, OpenSessionNeeds {
  pool: pg.Pool;
  passwords: PasswordHasher;
  metrics: Pick<Metrics, 'userRegistered'>;
  registrationOpen: boolean;
}

export interface Registration {
  email?: string | undefined;
  phone?: string | undefined;
  username?: string | undefined;
  password: string;
  name: string;
}

/** @throws CoupletError `registration_closed`, `already_registered` */
export async function register(needs: RegisterNeeds, registration: Registration, deviceName: string): Promise<SignedIn> {
  if (!needs.registrationOpen) throw new CoupletError('registration_closed');
  const { email = null, phone = null, username = null, name } = registration;
  const passwordHash = await needs.passwords.hash(registration.password);
  const { user, session } = await inTransaction(needs.pool, async (tx) => {
    const id = needs.newId() as UserId;
    const created = await insertUser(tx, { id, email, phone, username, name, passwordHash, createdAt: new Date(needs.now()).toISOString() });
    return { user: created, session: await openSession(needs, tx, id, deviceName) };
  });
  needs.metrics.userRegistered('sign-up');
  return issueTokens(needs, user, session);
}
