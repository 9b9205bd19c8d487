import type { Attachment } from '@couplet/protocol';
import { useQuery } from '@tanstack/react-query';
import { useMessenger, useServerUrl } from '../messenger/messenger-provider.tsx';
import { onServer } from './on-server.ts';

/**
 * The attachment with links that work: fresh ones once its own have ended, and
 * those of the server's own disk by the address under which this app knows it.
 */
export function useAttachmentLinks(attachment: Attachment): Attachment {
  const messenger = useMessenger();
  const serverUrl = useServerUrl();
  const hasEnded = attachment.urlsExpireAt !== undefined && Date.parse(attachment.urlsExpireAt) - SPARE_MS < Date.now();
  const { data } = useQuery({
    queryKey: ['attachment', attachment.id],
    queryFn: async () => (await messenger.api.call('listAttachments', { query: { ids: attachment.id } })).items[0] ?? null,
    enabled: hasEnded,
    staleTime: FRESH_MS,
  });
  return onServer(data ?? attachment, serverUrl);
}

/** A link that ends while a picture loads is of no use. */
const SPARE_MS = 60_000;
/** Less than links live. */
const FRESH_MS = 50 * 60_000;
