import { z } from 'zod';
import { epochSchema } from '../ids.ts';
import { positionSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getLogEndEndpoint = defineEndpoint({
  name: 'getLogEnd',
  method: 'GET',
  path: '/api/sync/end',
  auth: 'user',
  summary: 'How far your log reaches: for a client whose live events come another way than the native WebSocket.',
  responses: { 200: z.object({ epoch: epochSchema, position: positionSchema }) },
});
