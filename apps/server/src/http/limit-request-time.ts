import type { IncomingMessage } from 'node:http';

/** Uploads may take their time; every other request has to be here, whole, within `ms`. */
export function limitRequestTime(request: IncomingMessage, ms: number): void {
  if (request.url?.startsWith('/blobs/')) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, ms).unref();
  request.once('close', () => clearTimeout(timer));
}
