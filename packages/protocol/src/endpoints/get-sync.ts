import { z } from 'zod';
import { epochSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { syncPageSchema } from '../models/event.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { queryInt } from './paging.ts';

const query = z.object({
  since: queryInt(0, Number.MAX_SAFE_INTEGER),
  epoch: epochSchema.optional(),
  limit: queryInt(1, LIMITS.syncPageSize).optional(),
});

export const getSyncEndpoint = defineEndpoint({
  name: 'getSync',
  method: 'GET',
  path: '/api/sync',
  auth: 'user',
  summary: 'Every durable change of yours after a position. 410 `too_old`: take a snapshot.',
  query,
  responses: { 200: syncPageSchema },
  errors: ['too_old'],
});

/** The second founding document's name for the same. */
export const getMessagesSinceEndpoint = defineEndpoint({
  ...getSyncEndpoint,
  name: 'getMessagesSince',
  path: '/api/messages',
  summary: 'The same as `/api/sync`.',
});
