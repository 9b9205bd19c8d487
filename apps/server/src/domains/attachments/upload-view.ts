import type { Upload } from '@couplet/protocol';
import type { AttachmentLinks } from './stored-content.ts';
import type { UploadRow } from './uploads-repository.ts';

/** An upload as its owner sees it; `target` of one that still takes bytes is added by whoever signs it. */
export function uploadView(row: UploadRow, links: AttachmentLinks): Upload {
  const { id, status, kind, size_bytes, parts, content, reason } = row;
  return {
    uploadId: id,
    status: status === 'discarded' ? 'rejected' : status,
    kind,
    sizeBytes: size_bytes,
    receivedParts: parts.map((part) => part.partNumber).sort((a, b) => a - b),
    ...(content && content.type !== 'avatar' ? { attachment: links.view(content) } : {}),
    ...(reason === null ? {} : { reason }),
  };
}
