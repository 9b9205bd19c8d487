import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { personNameSchema, timestampSchema } from './text.ts';

/** A person, as any other person may see them. */
export const userSchema = z.object({
  id: userIdSchema,
  name: personNameSchema,
  username: z.string().nullable(),
  /** Small, for lists. */
  avatarUrl: z.url().nullable(),
  /** The same picture at 512 pixels, where the server has it. */
  avatarFullUrl: z.url().optional(),
});
export type User = z.infer<typeof userSchema>;

/** The signed-in person, as they see themselves. */
export const viewerSchema = userSchema.extend({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  createdAt: timestampSchema,
});
export type Viewer = z.infer<typeof viewerSchema>;
