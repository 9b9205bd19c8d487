import type { Messenger, ReadingPlace } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { queryKeys } from './query-keys.ts';

/** Where reading was left on this device; `null` at the end. */
export function placeQuery(messenger: Messenger, id: ConversationId) {
  return queryOptions({ queryKey: queryKeys.place(id), queryFn: () => messenger.conversations.place(id) });
}

/** Written through to the device's database, and there for the next opening at once. */
export async function keepPlace(messenger: Messenger, client: QueryClient, id: ConversationId, place: ReadingPlace | null): Promise<void> {
  const { queryKey } = placeQuery(messenger, id);
  const before = client.getQueryData(queryKey);
  if (before !== undefined && before?.seq === place?.seq && before?.offset === place?.offset) return;
  client.setQueryData(queryKey, place);
  // What cannot be written is only where one read: the next move writes it again.
  await messenger.conversations.leavePlace(id, place).catch(() => undefined);
}
