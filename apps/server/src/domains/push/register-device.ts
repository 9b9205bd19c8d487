import type { RegisteredDeviceId, SessionId, UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, violatedConstraint } from '../../database/transaction.ts';
import { deviceTokenHash } from './device-token.ts';
import { deleteOldestDevices, markHavingDevices, saveDevice } from './devices-repository.ts';
import type { DevicePlatform } from './push-provider.ts';

/** More than anybody carries; what was renewed longest ago goes first. */
const DEVICES_PER_USER = 20;

export interface RegisterDeviceNeeds {
  pool: pg.Pool;
  now: () => number;
  newId: () => string;
  /** See `WebPushOptions.hosts`. */
  webPushHosts: readonly string[] | null;
}

/**
 * Pushes go to this device from now on, until its session ends.
 *
 * @throws CoupletError `validation_failed` for a token that cannot be one
 */
export async function registerDevice(
  needs: RegisterDeviceNeeds,
  viewer: { userId: UserId; sessionId: SessionId },
  given: { platform: DevicePlatform; token: string; appId?: string | undefined },
): Promise<RegisteredDeviceId> {
  const { pool, now, newId, webPushHosts } = needs;
  const tokenHash = deviceTokenHash(given.platform, given.token, webPushHosts);
  const save = () =>
    inTransaction(pool, async (tx) => {
      await markHavingDevices(tx, viewer.userId);
      const id = await saveDevice(tx, {
        id: newId() as RegisteredDeviceId,
        userId: viewer.userId,
        sessionId: viewer.sessionId,
        platform: given.platform,
        token: given.token,
        tokenHash,
        appId: given.appId ?? null,
        renewedAt: new Date(now()),
      });
      await deleteOldestDevices(tx, viewer.userId, DEVICES_PER_USER);
      return id;
    });
  try {
    return await save();
  } catch (cause) {
    // The same installation under two sessions at the same moment: the later one takes its place.
    if (violatedConstraint(cause) !== 'devices_token_hash_key') throw cause;
    return save();
  }
}
