import { presenceSchema } from '../models/presence.ts';
import { frameSchema } from './envelope.ts';

/** A signal: not durable, may be lost; the next one corrects it. */
export const presenceUpdateFrameSchema = frameSchema('presence.update', presenceSchema);
