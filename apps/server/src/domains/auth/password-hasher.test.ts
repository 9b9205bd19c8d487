import { describe, expect, it } from 'vitest';
import { PASSWORD_COST, PasswordHasher } from './password-hasher.ts';

const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };

describe('hashing passwords', () => {
  it('is argon2id at the cost that OWASP recommends', async () => {
    expect(await new PasswordHasher().hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(PASSWORD_COST).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });

  it('tells right from wrong, and nobody from somebody', async () => {
    const hasher = new PasswordHasher(CHEAP);
    const stored = await hasher.hash('correct horse');
    expect(await hasher.matches(stored, 'correct horse')).toBe(true);
    expect(await hasher.matches(stored, 'correct horses')).toBe(false);
    expect(await hasher.matches(null, 'nobody has this password')).toBe(false);
  });

  it('takes a rush in turn and refuses what would wait too long', async () => {
    const hasher = new PasswordHasher(CHEAP);
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => hasher.hash('correct horse')));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(300 - 102);
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable', retryable: true } });
    // Afterwards there is room again.
    expect(await hasher.hash('correct horse')).toContain('argon2id');
  });
});
