import { type SignedIn, signedInSchema } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/test-server.ts';

describe('signing up and in', () => {
  let system: TestServer;
  beforeAll(async () => {
    system = await startTestServer();
  });
  afterAll(() => system.close());

  const register = (body: Record<string, unknown>) => system.call<SignedIn>('POST', '/api/auth/register', { body: { password: 'correct horse', name: 'Ana', ...body } });
  const login = (login: string, password = 'correct horse') => system.call<SignedIn>('POST', '/api/auth/login', { body: { login, password } });

  it.each([
    ['an email address', { email: 'Ana@Example.test' }, [' ana@example.test ', 'ANA@EXAMPLE.TEST']],
    ['a phone number', { phone: '+41791234567' }, ['+41791234567', '+41 79 123 45 67']],
    ['a username', { username: 'Ana.Z' }, ['ana.z', 'ANA.Z']],
  ])('works with %s', async (_case, given, logins) => {
    const { status, body } = await register(given);
    expect(status).toBe(201);
    const { user } = signedInSchema.parse(body);
    for (const typed of logins) {
      const answer = await login(typed);
      expect(answer.status).toBe(200);
      expect(answer.body.user).toEqual(user);
      expect(answer.body.sessionId).not.toBe(body.sessionId);
    }
  });

  it('gives everybody an event log from the start', async () => {
    const { body } = await register({ email: 'log@example.test' });
    const { rows } = await system.database.pool.query('SELECT last_position FROM event_logs WHERE user_id = $1', [body.user.id]);
    expect(rows).toEqual([{ last_position: 0 }]);
  });

  it('lets exactly one of two who want the same name have it', async () => {
    const answers = await Promise.all([register({ username: 'popular' }), register({ username: 'POPULAR' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = await system.call('POST', '/api/auth/register', { body: { password: 'correct horse', name: 'C', username: 'popular' } });
    expect(refused.body).toMatchObject({ code: 'already_registered', errors: [{ path: 'username' }] });
  });

  it('says the same for a wrong password, an unknown login and a user without a password', async () => {
    await register({ email: 'right@example.test' });
    await system.database.pool.query("INSERT INTO users (id, name, email) VALUES (gen_random_uuid(), 'No password', 'none@example.test')");
    const refusals = await Promise.all([login('right@example.test', 'wrong'), login('nobody@example.test'), login('none@example.test', 'nobody has this password')]);
    for (const { status, body } of refusals) expect({ status, body }).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
  });

  it('takes the same password typed on another keyboard', async () => {
    await register({ username: 'accents', password: 'caf\u00e9 caf\u00e9' });
    expect(await login('accents', 'cafe\u0301 cafe\u0301')).toMatchObject({ status: 200 });
  });

  it('never stores a password, only its argon2id hash', async () => {
    const { body } = await register({ username: 'hashed' });
    const { rows } = await system.database.pool.query('SELECT password_hash FROM users WHERE id = $1', [body.user.id]);
    expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$/);
  });

  it('is refused when registration is closed', async () => {
    const closed = await startTestServer({ env: { ALLOW_REGISTRATION: 'false' } });
    expect(await closed.problemOf('POST', '/api/auth/register', { body: { username: 'late', password: 'correct horse', name: 'Late' } })).toBe('registration_closed');
    expect(await closed.call('GET', '/api/config')).toMatchObject({ body: { registrationOpen: false } });
    await closed.close();
  });

  it('is slowed down per account and per address', async () => {
    const limited = await startTestServer({ env: { RATE_LIMITS: 'on' }, now: () => 1_795_299_749_227 });
    const attempt = (login: string) => limited.call('POST', '/api/auth/login', { body: { login, password: 'guess' } });
    for (let i = 0; i < 10; i += 1) expect((await attempt('ana')).status).toBe(401);
    const refused = await attempt('ANA');
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', retryable: true } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const others = await Promise.all(Array.from({ length: 60 }, (_, i) => attempt(`somebody${i}`)));
    expect(others.filter(({ status }) => status === 429)).toHaveLength(11);
    await limited.close();
  });
});
