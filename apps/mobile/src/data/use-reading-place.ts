import type { ReadingPlace } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { useQuery } from '@tanstack/react-query';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { placeQuery } from './reading-place.ts';

/** Where reading was left; `undefined` until the device has been asked, within milliseconds. */
export function useReadingPlace(id: ConversationId): ReadingPlace | null | undefined {
  const { data, isError } = useQuery(placeQuery(useMessenger(), id));
  // A device that cannot tell opens the conversation at its end.
  return isError ? null : data;
}
