import type { PusherPort } from '@couplet/client';

/** Stands in for `realtime.ts` in a build with EXPO_PUBLIC_TRANSPORT=native: events and requests over the server's own WebSocket protocol. */
export const pusher: PusherPort | null = null;
