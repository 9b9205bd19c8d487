import { z } from 'zod';
import { epochSchema } from '../ids.ts';
import { presenceSchema } from '../models/presence.ts';
import { positionSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const sendHeartbeatEndpoint = defineEndpoint({
  name: 'sendHeartbeat',
  method: 'POST',
  path: '/api/presence/heartbeat',
  auth: 'user',
  summary: 'You are there: for a client whose live events come from a hosted app, every 15 to 25 s. Answers how far your log reaches.',
  /** `connectionId` is the client's own word for its connection; a new one gets the presence of everybody you talk with. */
  body: z.object({ connectionId: z.string().min(1).max(64) }),
  responses: { 200: z.object({ epoch: epochSchema, position: positionSchema, presences: z.array(presenceSchema).optional() }) },
});
