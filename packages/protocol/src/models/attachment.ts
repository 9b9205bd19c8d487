import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { timestampSchema } from './text.ts';

export const attachmentTypeSchema = z.enum(['image', 'video', 'file']);
export type AttachmentType = z.infer<typeof attachmentTypeSchema>;

/** A tiny picture to show until the real one is there: a ThumbHash, base64. */
export const placeholderSchema = z.string().regex(/^[A-Za-z0-9+/]{4,60}={0,2}$/);

/**
 * A file that belongs to a message. What it is was read from its bytes.
 *
 * Width and height in pixels as it is shown, so that a row has its height before
 * the picture is there. `url` is the file itself, `previewUrl` (at most 1,280
 * pixels on its longer side) and `thumbnailUrl` (320) are of images, and of
 * videos whose sender gave a first picture. The URLs
 * end at `urlsExpireAt`, after which `GET /api/attachments` gives fresh ones: a
 * cache keys by id and variant, never by URL. Without `urlsExpireAt` they last.
 */
export const attachmentSchema = z.object({
  id: attachmentIdSchema,
  type: attachmentTypeSchema,
  mime: z.string(),
  name: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  durationMs: z.number().int().nonnegative().optional(),
  placeholder: placeholderSchema.optional(),
  url: z.url(),
  previewUrl: z.url().optional(),
  thumbnailUrl: z.url().optional(),
  urlsExpireAt: timestampSchema.optional(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** The attachments of one message: uploads of the sender's own that are ready, each used once. */
export const attachmentIdsSchema = z.array(attachmentIdSchema).max(LIMITS.attachments);
