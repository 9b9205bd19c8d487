import { z } from 'zod';
import { defineEndpoint } from './define-endpoint.ts';

/** A connection of the Pusher gateway; anything else would be a signature for something else. */
const socketIdSchema = z.string().max(64).regex(/^\d+\.\d+$/, 'This is not a socket id');

const channelNameSchema = z.string().max(200).regex(/^[A-Za-z0-9_\-=@,.;]+$/, 'This is not a name of a channel');

export const pusherAuthEndpoint = defineEndpoint({
  name: 'pusherAuth',
  method: 'POST',
  path: '/api/pusher/auth',
  auth: 'user',
  summary: 'Signs a subscription to a channel of yours for one connection: what pusher-js asks for before it joins.',
  bodyTypes: ['json', 'form'],
  body: z.object({ socket_id: socketIdSchema, channel_name: channelNameSchema }),
  responses: {
    200: z.object({
      auth: z.string(),
      /** JSON, signed byte for byte: send it along as it is. Always there from this server's own gateway. */
      channel_data: z.string().optional(),
    }),
  },
  errors: ['forbidden'],
});

export const pusherUserAuthEndpoint = defineEndpoint({
  name: 'pusherUserAuth',
  method: 'POST',
  path: '/api/pusher/user-auth',
  auth: 'user',
  summary: 'Signs a connection in as you: what `pusher.signin()` asks for.',
  bodyTypes: ['json', 'form'],
  body: z.object({ socket_id: socketIdSchema }),
  responses: { 200: z.object({ auth: z.string(), user_data: z.string() }) },
});

/** Where laravel-echo asks, unless told otherwise. */
export const broadcastingAuthEndpoint = defineEndpoint({
  ...pusherAuthEndpoint,
  name: 'broadcastingAuth',
  path: '/broadcasting/auth',
  summary: 'The same as `/api/pusher/auth`.',
});

export const broadcastingUserAuthEndpoint = defineEndpoint({
  ...pusherUserAuthEndpoint,
  name: 'broadcastingUserAuth',
  path: '/broadcasting/user-auth',
  summary: 'The same as `/api/pusher/user-auth`.',
});
