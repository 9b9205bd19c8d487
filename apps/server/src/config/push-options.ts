import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { anyText, list, oneOf, textOrFile, wholeNumber, word } from './option-values.ts';

/** Later than this a push surprises more than it tells. */
const LONGEST_PUSH_GRACE = 300;

export const PUSH_OPTIONS = {
  pushContent: option({
    name: 'PUSH_CONTENT',
    type: 'none|sender|text',
    fallback: 'sender',
    sentence: 'What a push notification tells whoever sees the screen: nothing, who wrote, or what.',
    parse: (given = 'sender', name) => oneOf(given, ['none', 'sender', 'text'], name),
  }),
  pushGrace: option({
    name: 'PUSH_GRACE',
    type: 'seconds',
    fallback: '5',
    sentence: 'How long a device has to acknowledge a message before the others are woken by a push.',
    parse: wholeNumber(5, 0, LONGEST_PUSH_GRACE),
  }),
  vapidPublicKey: option({
    name: 'VAPID_PUBLIC_KEY',
    type: 'word',
    fallback: 'follows from VAPID_PRIVATE_KEY',
    sentence: 'The public half, only to be checked against the private one.',
    parse: anyText,
  }),
  vapidPrivateKey: option({
    name: 'VAPID_PRIVATE_KEY',
    type: 'secret',
    fallback: 'generated, kept in DATA_DIR',
    sentence: 'Signs pushes to browsers, base64url; the same on every node. Another one ends every subscription.',
    parse: anyText,
  }),
  vapidSubject: option({
    name: 'VAPID_SUBJECT',
    type: 'url',
    fallback: 'PUBLIC_URL',
    sentence: 'Whom a push service turns to when something is wrong: mailto:… or https://….',
    parse: (given, name) => {
      if (given !== undefined && !/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(given)) throw new ConfigError(name, 'must begin with mailto: or https://');
      return given;
    },
  }),
  webPushHosts: option({
    name: 'WEB_PUSH_HOSTS',
    type: 'list',
    fallback: 'any on the internet',
    sentence: 'The only push services of browsers that are called, by host name, separated by commas; they may be of your own network.',
    parse: (given) => (given === undefined ? null : list(given)),
  }),
  fcmServiceAccount: option({
    name: 'FCM_SERVICE_ACCOUNT',
    type: 'file|json',
    fallback: 'none: Android is not woken',
    sentence: 'The service account of your Firebase project: the JSON file, or what is in it.',
    parse: serviceAccount,
  }),
  apnsKey: option({
    name: 'APNS_KEY',
    type: 'file|pem',
    fallback: 'none: iOS is not woken',
    sentence: 'The key for APNs that Apple gave you: the .p8 file, or what is in it.',
    parse: (given, name) => {
      const text = textOrFile(given, name, '-----BEGIN');
      if (text !== undefined && !text.includes('-----BEGIN PRIVATE KEY-----')) throw new ConfigError(name, 'must be a .p8 file of Apple or its content');
      return text;
    },
  }),
  apnsKeyId: option({
    name: 'APNS_KEY_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'The id of APNS_KEY.',
    parse: word,
  }),
  apnsTeamId: option({
    name: 'APNS_TEAM_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'Your team at Apple.',
    parse: word,
  }),
  apnsTopic: option({
    name: 'APNS_TOPIC',
    type: 'list',
    fallback: 'none',
    sentence: 'The bundle ids of your apps, separated by commas; a device that names none has the first.',
    parse: (given) => (given === undefined ? undefined : list(given)),
  }),
  apnsEnvironment: option({
    name: 'APNS_ENVIRONMENT',
    type: 'production|sandbox',
    fallback: 'production',
    sentence: 'Which APNs: builds from Xcode register with the sandbox.',
    parse: (given = 'production', name) => oneOf(given, ['production', 'sandbox'], name),
  }),
};

/** Google's file, the part that is needed. */
function serviceAccount(given: string | undefined, name: string) {
  const text = textOrFile(given, name, '{');
  if (text === undefined) return undefined;
  try {
    const { project_id: projectId, client_email: clientEmail, private_key: privateKey, token_uri: tokenUri } = JSON.parse(text) as Record<string, unknown>;
    if (isText(projectId) && isText(clientEmail) && isText(privateKey) && isText(tokenUri)) return { projectId, clientEmail, privateKey, tokenUri };
  } catch {
    // Said below, without the text: it holds a key.
  }
  throw new ConfigError(name, 'must be JSON with project_id, client_email, private_key and token_uri');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
