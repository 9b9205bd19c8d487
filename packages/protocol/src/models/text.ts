import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** Text a person wrote: not blank, bounded, without NUL (PostgreSQL cannot hold it). */
export const messageTextSchema = z
  .string()
  .max(LIMITS.textLength)
  .refine((text) => text.trim().length > 0, 'Write something first')
  .refine((text) => !text.includes('\u0000'), 'The text holds a NUL character');

/** A person's name as shown. Surrounding white space is cut. */
export const personNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.nameLength)
  .refine((text) => !/[\u0000-\u001f\u007f]/.test(text), 'The name holds control characters');

/** ISO 8601 UTC; microseconds where it serves as a cursor. */
export const timestampSchema = z.iso.datetime();

/** Place of an event in one user's log: dense from 1; 0 is before the first. */
export const positionSchema = z.number().int().nonnegative();

/** Place of a message in its conversation: dense from 1; 0 is before the first. */
export const seqSchema = z.number().int().nonnegative();
