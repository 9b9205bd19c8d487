import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { downFrameSchema } from './frames/down.ts';
import { upFrameSchema } from './frames/up.ts';
import { OLDEST_SERVED_PROTOCOL_VERSION, PROTOCOL_VERSION } from './protocol-version.ts';

/**
 * Changed a frame on purpose? Decide: can a peer of the last version still read
 * it (a new optional field, a new type)? Then only update the fingerprint.
 * Otherwise raise PROTOCOL_VERSION, write its line of history, and then update it.
 */
const FINGERPRINTS: Record<number, string> = {
  1: '15ee109f10aacbff',
};

it('has the frames that were fixed for this version of the protocol', () => {
  const shapes = [upFrameSchema, downFrameSchema].map((schema) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const fingerprint = createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 16);
  expect(fingerprint).toBe(FINGERPRINTS[PROTOCOL_VERSION]);
});

it('still serves a version that exists', () => {
  expect(OLDEST_SERVED_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
  expect(OLDEST_SERVED_PROTOCOL_VERSION).toBeGreaterThan(0);
});
