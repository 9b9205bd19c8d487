import { describe, expect, it } from 'vitest';
import { configHelp, loadConfig } from './config.ts';
import { ConfigError } from './config/config-error.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ port: 4000, host: '127.0.0.1', allowRegistration: true, rateLimits: true, accessTokenTtl: 900, refreshTokenTtl: 2_592_000 });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.webDir).toMatch(/apps\/mobile\/dist$/);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadConfig({ PORT: '', AUTH_SECRET: ' ' })).toMatchObject({ port: 4000, authSecret: undefined });
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['HOST', 'not a host'],
    ['PUBLIC_URL', 'chat.example.org'],
    ['DATABASE_URL', 'mysql://localhost/chat'],
    ['DATABASE_POOL_SIZE', '1'],
    ['NODE_ID', 'a node'],
    ['AUTH_SECRET', 'too short'],
    ['ADMIN_API_KEY', 'short'],
    ['ALLOW_REGISTRATION', 'yes'],
    ['ALLOWED_ORIGINS', 'https://a.example.org,b.example.org'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,proxy.example.org'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['RATE_LIMITS', 'true'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['LOG_LEVEL', 'loud'],
    ['ACCESS_TOKEN_TTL', '1.5'],
    ['REFRESH_TOKEN_TTL', '0'],
  ])('refuses %s=%s in one sentence that names it', (name, value) => {
    let complaint: unknown;
    try {
      loadConfig({ [name]: value });
    } catch (cause) {
      complaint = cause;
    }
    expect(complaint).toBeInstanceOf(ConfigError);
    expect(String(complaint)).toMatch(new RegExp(`^ConfigError: ${name} must .*[^.]\\.$`));
  });

  it('never repeats a secret in its complaint', () => {
    expect(() => loadConfig({ AUTH_SECRET: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
  });

  it('explains every option in --help', () => {
    const help = configHelp();
    for (const name of ['PORT', 'DATABASE_URL', 'AUTH_SECRET', 'RATE_LIMITS', 'WEB_DIR']) expect(help).toContain(`  ${name}`);
  });
});
