import type { Attachment } from '@couplet/protocol';

/** The attachment with the links of the server's own disk by the address under which this app knows the server; others as they are. */
export function onServer(attachment: Attachment, serverUrl: string): Attachment {
  const { previewUrl, thumbnailUrl } = attachment;
  const moved = (url: string) => (/^https?:\/\/[^/]+\/blobs\//.test(url) ? serverUrl.replace(/\/+$/, '') + url.replace(/^https?:\/\/[^/]+/, '') : url);
  return {
    ...attachment,
    url: moved(attachment.url),
    ...(previewUrl === undefined ? {} : { previewUrl: moved(previewUrl) }),
    ...(thumbnailUrl === undefined ? {} : { thumbnailUrl: moved(thumbnailUrl) }),
  };
}
