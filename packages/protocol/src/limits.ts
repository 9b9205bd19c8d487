/**
 * The bounds both sides enforce. The server may be configured tighter or wider
 * for the ones in `auth.ok`; these are the defaults and the schema's ceilings.
 */
export const LIMITS = {
  /** Characters (UTF-16 code units) of a message's text. */
  textLength: 8_000,
  /** Bytes of one WebSocket frame: 8,000 characters of 4 bytes each plus the envelope, with room. */
  frameBytes: 64 * 1024,
  /** Bytes of one REST body, but for the server API's lists. */
  bodyBytes: 64 * 1024,
  attachments: 10,
  /** Bytes that go up in one piece at most; above it, in parts of this size: what a weak connection loses by a cut. */
  uploadPartBytes: 8 * 1024 * 1024,
  /** The largest file any server can be configured to take: 640 parts. */
  uploadBytes: 5 * 1024 * 1024 * 1024,
  /** Base64 characters of a video's first picture: 30 KB, so that the announcement stays within `bodyBytes`. */
  posterLength: 40_000,
  fileNameLength: 200,
  pageSize: 100,
  syncPageSize: 500,
  /** Users whose presence one connection may follow: the rows a chat list shows, with room. */
  watchedUsers: 500,
  /** Users in one call of the server API. */
  adminBatch: 1_000,
  nameLength: 80,
  usernameLength: 32,
  queryLength: 100,
  /** Characters of the excerpt that a reply carries of its original. */
  excerptLength: 140,
} as const;
