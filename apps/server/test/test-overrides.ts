import type { ContextOverrides } from '../src/context.ts';

/** Of every server that runs inside a test. */
export const TEST_OVERRIDES = {
  // Real argon2id, at its cheapest: what it costs is not what these tests are about.
  passwordCost: { memoryCost: 64, timeCost: 1, parallelism: 1 },
  // It shares its process and its machine with the tests: that they keep it from its work turns nobody away.
  admissionBounds: { lateMs: Number.POSITIVE_INFINITY },
} satisfies ContextOverrides;
