import { z } from 'zod';
import { frameSchema } from './envelope.ts';

/** The node stops: the socket closes with 4503; come back after `reconnectInMs`, spread per connection. */
export const serverDrainingFrameSchema = frameSchema('server.draining', z.object({ reconnectInMs: z.number().int().nonnegative() }));
