import type { SessionId, UserId } from '@couplet/protocol';
import type { Transaction } from '../../database/transaction.ts';
import { REFRESH_SALT_BYTES } from './refresh-token.ts';
import { insertSessions } from './sessions-repository.ts';

export interface OpenSessionNeeds {
  now: () => number;
  newId: () => string;
  random: (bytes: Uint8Array) => void;
  /** Seconds. */
  refreshTokenTtl: number;
}

/** A new session at its first generation, for `issueTokens`. */
export async function openSession(needs: OpenSessionNeeds, tx: Transaction, userId: UserId, deviceName: string) {
  const now = needs.now();
  const salt = new Uint8Array(REFRESH_SALT_BYTES);
  needs.random(salt);
  const id = needs.newId() as SessionId;
  await insertSessions(tx, [
    { id, userId, deviceName, refreshSalt: salt, createdAt: new Date(now), expiresAt: new Date(now + needs.refreshTokenTtl * 1_000) },
  ]);
  return { id, salt, generation: 0, rotatedAt: now };
}
