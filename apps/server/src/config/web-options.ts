import { join, resolve } from 'node:path';
import { isAddressOrNetwork } from '../http/client-address.ts';
import { SERVER_FOLDER } from '../server-package.ts';
import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { baseUrl, list, oneOf, parseUrl, wholeNumber } from './option-values.ts';

export const WEB_OPTIONS = {
  port: option({
    name: 'PORT',
    type: 'port',
    fallback: '4000',
    sentence: 'The one port for the app, REST and WebSocket; 0 takes a free one.',
    parse: wholeNumber(4000, 0, 65_535),
  }),
  host: option({
    name: 'HOST',
    type: 'address',
    fallback: '127.0.0.1',
    sentence: 'The address to listen on; 0.0.0.0 for every one.',
    parse: (given = '127.0.0.1', name) => {
      if (!/^[A-Za-z0-9.:_-]+$/.test(given)) throw new ConfigError(name, 'must be an IP address or a host name');
      return given;
    },
  }),
  publicUrl: option({
    name: 'PUBLIC_URL',
    type: 'url',
    fallback: 'http://HOST:PORT',
    sentence: 'Where people reach this deployment, as seen from outside.',
    parse: baseUrl,
  }),
  allowedOrigins: option({
    name: 'ALLOWED_ORIGINS',
    type: 'list',
    fallback: 'none',
    sentence: 'Other web origins whose pages may call this server, separated by commas; * for all.',
    parse: (given = '', name) => {
      const origins = list(given);
      for (const origin of origins) {
        if (origin !== '*' && parseUrl(origin)?.origin !== origin) {
          throw new ConfigError(name, `must list origins like https://app.example.org, which "${origin}" is not`);
        }
      }
      return origins;
    },
  }),
  trustedProxies: option({
    name: 'TRUSTED_PROXIES',
    type: 'list',
    fallback: 'this machine',
    sentence: 'Addresses and networks of the proxies in front, separated by commas, whose X-Forwarded-For is believed.',
    parse: (given = '', name) => {
      const places = list(given);
      const wrong = places.find((place) => !isAddressOrNetwork(place));
      if (wrong !== undefined) throw new ConfigError(name, `must list addresses or networks like 10.0.0.0/8, which "${wrong}" is not`);
      return places;
    },
  }),
  rateLimits: option({
    name: 'RATE_LIMITS',
    type: 'on|off',
    fallback: 'on',
    sentence: 'Whether clients are slowed down; off only for load tests.',
    parse: (given = 'on', name) => oneOf(given, ['on', 'off'], name) === 'on',
  }),
  webDir: option({
    name: 'WEB_DIR',
    type: 'folder',
    fallback: 'the built app of this repository',
    sentence: 'The built web app to serve.',
    parse: (given) => (given === undefined ? join(SERVER_FOLDER, '../mobile/dist') : resolve(given)),
  }),
};
