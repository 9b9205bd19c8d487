import { z } from 'zod';
import { answerSchema } from './envelope.ts';

/** The request is done and nothing needs to be told. */
export const okFrameSchema = answerSchema('ok', z.object({}));
