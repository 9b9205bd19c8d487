import { z } from 'zod';
import { defineEndpoint } from './define-endpoint.ts';

export const getConfigEndpoint = defineEndpoint({
  name: 'getConfig',
  method: 'GET',
  path: '/api/config',
  auth: 'open',
  summary: 'What an app needs to know before anybody signs in.',
  responses: {
    200: z.object({
      serverVersion: z.string(),
      protocolVersion: z.number().int().positive(),
      oldestServedProtocolVersion: z.number().int().positive(),
      registrationOpen: z.boolean(),
      /** For clients of the Pusher protocol. The key is public, and opens no channel by itself. */
      pusher: z.object({
        key: z.string(),
        /** Of a hosted app that brings the events instead of this server. */
        cluster: z.string().optional(),
        /** The same where it is named by its address, e.g. `https://pusher.example.org`. */
        url: z.string().optional(),
      }),
      /** For push notifications. A server of before they were has none. */
      push: z
        .object({
          /** What a browser subscribes with, base64url. */
          vapidPublicKey: z.string(),
        })
        .optional(),
    }),
  },
});
