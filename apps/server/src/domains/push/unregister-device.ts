import { CoupletError, type RegisteredDeviceId, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { deleteDeviceOf } from './devices-repository.ts';

/** @throws CoupletError `not_found` when the viewer has no such device */
export async function unregisterDevice(needs: { pool: Queryable }, viewerId: UserId, id: RegisteredDeviceId): Promise<void> {
  if (!(await deleteDeviceOf(needs.pool, viewerId, id))) throw new CoupletError('not_found');
}
