import { z } from 'zod';
import { attachmentIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { attachmentSchema, placeholderSchema } from './attachment.ts';
import { timestampSchema } from './text.ts';

export const uploadKindSchema = z.enum(['attachment', 'avatar']);
export type UploadKind = z.infer<typeof uploadKindSchema>;

/** The name a file is saved under: one part of a path, and nothing that prints strangely. */
const fileNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.fileNameLength)
  .refine((name) => !/[\u0000-\u001f\u007f/\\\u202a-\u202e\u2066-\u2069]/.test(name), 'The file name holds control characters or slashes');

const contentTypeSchema = z
  .string()
  .max(127)
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, 'Write a type like image/jpeg');

/** The first picture of a video, a JPEG in base64: it goes along with the announcement, so that a message has it from its first moment. */
const posterSchema = z.string().max(LIMITS.posterLength).regex(/^\/9j\/[A-Za-z0-9+/]+={0,2}$/, 'Write a JPEG in base64');

/**
 * What somebody is about to upload. Who declares `image/*` or `video/*` is held
 * to it; anything else is a file to download. Of a video the server believes the
 * measures its sender gives: they only decide how large an empty frame is.
 */
export const newUploadSchema = z.object({
  filename: fileNameSchema,
  contentType: contentTypeSchema,
  sizeBytes: z.number().int().min(1).max(LIMITS.uploadBytes),
  /** Hexadecimal; checked before the upload counts as complete. */
  sha256: z.string().toLowerCase().regex(/^[0-9a-f]{64}$/).optional(),
  kind: uploadKindSchema.default('attachment'),
  video: z
    .object({
      width: z.number().int().min(1).max(16_384),
      height: z.number().int().min(1).max(16_384),
      durationMs: z.number().int().min(0).max(24 * 60 * 60 * 1_000),
      placeholder: placeholderSchema.optional(),
      poster: posterSchema.optional(),
    })
    .optional(),
});
export type NewUpload = z.infer<typeof newUploadSchema>;

/**
 * Where the bytes go, until `expiresAt`. In one piece: exactly these headers and
 * exactly the declared size. In parts: each at its own URL with exactly its own
 * size; the `etag` header of each answer is reported with
 * `PUT /api/uploads/:id/parts/:partNumber`, and parts may go side by side.
 */
export const uploadTargetSchema = z.union([
  z.object({
    uploadId: attachmentIdSchema,
    url: z.url(),
    method: z.literal('PUT'),
    headers: z.record(z.string(), z.string()),
    fileUrl: z.url(),
    expiresAt: timestampSchema,
  }),
  z.object({
    uploadId: attachmentIdSchema,
    partSize: z.number().int().positive(),
    parts: z.array(z.object({ partNumber: z.number().int().positive(), url: z.url(), sizeBytes: z.number().int().positive() })),
    fileUrl: z.url(),
    expiresAt: timestampSchema,
  }),
]);
export type UploadTarget = z.infer<typeof uploadTargetSchema>;

/**
 * How far an upload is. While `uploading`, `target` holds fresh URLs of what is
 * still missing; a client that was cut goes on from there. `ready` uploads become
 * attachments by being named in a message; `rejected` says why in words.
 */
export const uploadSchema = z.object({
  uploadId: attachmentIdSchema,
  status: z.enum(['uploading', 'processing', 'ready', 'rejected']),
  kind: uploadKindSchema,
  sizeBytes: z.number().int().positive(),
  receivedParts: z.array(z.number().int().positive()),
  target: uploadTargetSchema.optional(),
  attachment: attachmentSchema.optional(),
  reason: z.string().optional(),
});
export type Upload = z.infer<typeof uploadSchema>;
