import { option } from './option.ts';
import { secret, trueOrFalse, wholeNumber } from './option-values.ts';

const LONGEST_ACCESS_TOKEN_TTL = 24 * 60 * 60;
const LONGEST_REFRESH_TOKEN_TTL = 366 * 24 * 60 * 60;

export const SIGN_IN_OPTIONS = {
  authSecret: option({
    name: 'AUTH_SECRET',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs the tokens; the same on every node.',
    parse: secret,
  }),
  adminApiKey: option({
    name: 'ADMIN_API_KEY',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'What your own backend shows to use the server API.',
    parse: secret,
  }),
  allowRegistration: option({
    name: 'ALLOW_REGISTRATION',
    type: 'true|false',
    fallback: 'true',
    sentence: 'Whether anybody may sign up.',
    parse: (given = 'true', name) => trueOrFalse(given, name),
  }),
  accessTokenTtl: option({
    name: 'ACCESS_TOKEN_TTL',
    type: 'seconds',
    fallback: '900',
    sentence: 'How long an access token lives.',
    parse: wholeNumber(900, 5, LONGEST_ACCESS_TOKEN_TTL),
  }),
  refreshTokenTtl: option({
    name: 'REFRESH_TOKEN_TTL',
    type: 'seconds',
    fallback: '2592000',
    sentence: 'How long a session lives without being used.',
    parse: wholeNumber(2_592_000, 60, LONGEST_REFRESH_TOKEN_TTL),
  }),
};
