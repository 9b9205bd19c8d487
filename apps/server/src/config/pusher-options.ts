import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { httpUrl, oneOf, word } from './option-values.ts';

/** Shorter than our own secrets may be: those of hosted Pusher have 20 characters. */
const SHORTEST_PUSHER_SECRET = 16;

export const PUSHER_OPTIONS = {
  realtimeDriver: option({
    name: 'REALTIME_DRIVER',
    type: 'gateway|pusher',
    fallback: 'gateway',
    sentence: 'Who brings Pusher events to clients: this server, or a hosted Pusher app with the PUSHER_ values.',
    parse: (given = 'gateway', name) => oneOf(given, ['gateway', 'pusher'], name),
  }),
  pusherCluster: option({
    name: 'PUSHER_CLUSTER',
    type: 'word',
    fallback: 'none',
    sentence: 'With REALTIME_DRIVER=pusher: the cluster of the hosted app, such as eu.',
    parse: word,
  }),
  pusherApiUrl: option({
    name: 'PUSHER_API_URL',
    type: 'url',
    fallback: "the cluster's",
    sentence: 'With REALTIME_DRIVER=pusher: another server that speaks Pusher, as this server and the clients reach it.',
    parse: httpUrl,
  }),
  pusherAppId: option({
    name: 'PUSHER_APP_ID',
    type: 'word',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'The app that server libraries of the Pusher protocol name; the same on every node.',
    parse: word,
  }),
  pusherKey: option({
    name: 'PUSHER_KEY',
    type: 'word',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'What clients of the Pusher protocol connect with; public.',
    parse: word,
  }),
  pusherSecret: option({
    name: 'PUSHER_SECRET',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs subscriptions and calls of the Pusher protocol; the same on every node.',
    parse: (given, name) => {
      if (given !== undefined && given.length < SHORTEST_PUSHER_SECRET) throw new ConfigError(name, `must have at least ${SHORTEST_PUSHER_SECRET} characters`);
      return given;
    },
  }),
  pusherWebhookUrl: option({
    name: 'PUSHER_WEBHOOK_URL',
    type: 'url',
    fallback: 'none',
    sentence: 'Where your backend is told, signed, what happens in channels.',
    parse: httpUrl,
  }),
};
