import { CoupletError, type UserId } from '@couplet/protocol';
import { EMPTY_LOG, type Store } from './store.ts';

/**
 * The store as one signed-in user may use it. An answer that arrives after the
 * person signed out finds the device of nobody, or of somebody else: it is
 * refused with `not_authenticated` in the same transaction that would write it.
 */
export function ownedStore(store: Store, owner: UserId): Store {
  return {
    read: (body) =>
      store.read(async (reader) => {
        requireOwner((await reader.getLog()).owner, owner);
        return body(reader);
      }),
    transaction: (body) =>
      store.transaction(async (writer) => {
        requireOwner((await writer.getLog()).owner, owner);
        return body(writer);
      }),
    close: () => store.close(),
  };
}

/** Makes the device this user's. What another user left is wiped first: `true` if there may have been something. */
export async function claimStore(store: Store, owner: UserId): Promise<boolean> {
  return store.transaction(async (writer) => {
    const log = await writer.getLog();
    if (log.owner === owner) return false;
    await writer.clear();
    await writer.putLog({ ...EMPTY_LOG, owner });
    return true;
  });
}

function requireOwner(actual: UserId | null, expected: UserId): void {
  if (actual !== expected) throw new CoupletError('not_authenticated');
}
