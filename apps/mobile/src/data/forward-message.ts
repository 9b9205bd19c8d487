import type { Messenger, OutgoingFile } from '@couplet/client';
import type { Attachment, Message } from '@couplet/protocol';
import type { FileDownloads } from './file-downloads.ts';
import { onServer } from './on-server.ts';

export interface ForwardPorts {
  api: Pick<Messenger['api'], 'call'>;
  serverUrl: string;
  downloads: Pick<FileDownloads, 'bring'>;
  /** A first picture of a video, in base64. */
  posterOf: (source: unknown) => Promise<string | null>;
}

/**
 * What another conversation is told: the words, and files of one's own with the
 * same content, as each file at the server belongs to one message. Words alone
 * need no network. Rejects when a file cannot be brought here.
 *
 * @param brought called with how many files are here
 */
export async function contentToForward(message: Message, ports: ForwardPorts, brought: (count: number) => void): Promise<{ text?: string; files?: OutgoingFile[] }> {
  const { text, attachments } = message;
  const files: OutgoingFile[] = [];
  for (const attachment of await withFreshLinks(attachments, ports)) {
    const { source } = await ports.downloads.bring(attachment);
    const { name, mime, sizeBytes, type, width, height, durationMs } = attachment;
    const poster = type === 'video' ? await ports.posterOf(source).catch(() => null) : null;
    files.push({
      source,
      name,
      mime,
      sizeBytes,
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(poster === null ? {} : { poster }),
    });
    brought(files.length);
  }
  return { ...(text ? { text } : {}), ...(files.length === 0 ? {} : { files }) };
}

/** Links end after an hour; a message may be older. */
async function withFreshLinks(attachments: readonly Attachment[], { api, serverUrl }: ForwardPorts): Promise<Attachment[]> {
  if (attachments.length === 0) return [];
  const { items } = await api.call('listAttachments', { query: { ids: attachments.map(({ id }) => id).join() } });
  const fresh = new Map(items.map((attachment) => [attachment.id, attachment]));
  return attachments.map((attachment) => onServer(fresh.get(attachment.id) ?? attachment, serverUrl));
}
