import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { frameSchema } from './envelope.ts';

/**
 * Follow exactly these users from now on (the list replaces the earlier one).
 * Answer: `ok`; then one `presence.update` per user at once, and one per change.
 * Users without a conversation with the viewer are ignored.
 */
export const presenceWatchFrameSchema = frameSchema(
  'presence.watch',
  z.object({ userIds: z.array(userIdSchema).max(LIMITS.watchedUsers) }),
);
