import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { importPKCS8, SignJWT } from 'jose';
import { type DeviceAddress, PROVIDER_TIMEOUT_MS, PUSH_TTL_SECONDS, type PushNotice, type PushOutcome, type PushProvider, retryAfterMs, unreachable } from '../push-provider.ts';

export interface ApnsOptions {
  /** `https://api.push.apple.com` or the sandbox's. */
  origin: string;
  /** PEM of the `.p8` that Apple gave. */
  key: string;
  keyId: string;
  teamId: string;
  /** Bundle ids; the first is meant where a device names none. */
  topics: readonly [string, ...string[]];
  now: () => number;
  /** Of a stand-in. */
  ca?: string;
  /** `PROVIDER_TIMEOUT_MS` unless a test cannot wait that long. */
  timeoutMs?: number;
}

/** Apple takes a token for an hour and refuses one that was made anew within twenty minutes. */
const TOKEN_LIFE_MS = 50 * 60_000;
/** A connection nobody used for this long is closed; Apple allows it to be kept, a firewall may not. */
const IDLE_MS = 10 * 60_000;

/** APNs over HTTP/2 with token authentication. One connection carries all. */
export class Apns implements PushProvider {
  readonly #options: ApnsOptions;
  #session: ClientHttp2Session | null = null;
  #token: { text: Promise<string>; madeAt: number } | null = null;

  constructor(options: ApnsOptions) {
    this.#options = options;
  }

  async send(address: DeviceAddress, notice: PushNotice): Promise<PushOutcome> {
    const { topics, now } = this.#options;
    const topic = address.appId ?? topics[0];
    if (!topics.includes(topic)) return { status: 'refused', reason: `APNS_TOPIC does not list ${topic}` };
    try {
      const answer = await this.#request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `/3/device/${address.token}`,
        authorization: `bearer ${await this.#providerToken()}`,
        'apns-topic': topic,
        ...headersOf(notice, Math.floor(now() / 1_000)),
      }, JSON.stringify(payloadOf(notice)));
      return this.#outcomeOf(answer);
    } catch (cause) {
      return unreachable(cause);
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session === null || session.destroyed) return;
    await new Promise<void>((resolve) => session.close(() => resolve()));
  }

  #request(headers: Record<string, string>, body: string): Promise<ApnsAnswer> {
    return new Promise((resolve, reject) => {
      const stream = this.#connected().request(headers);
      stream.setTimeout(this.#options.timeoutMs ?? PROVIDER_TIMEOUT_MS, () => stream.destroy(new Error('APNs did not answer in time')));
      let answer: Omit<ApnsAnswer, 'body'> = { status: 0, retryAfter: undefined };
      stream.on('response', (received) => {
        answer = { status: Number(received[':status']), retryAfter: received['retry-after'] };
      });
      collectText(stream).then((text) => (answer.status === 0 ? reject(new Error('APNs closed the stream without an answer')) : resolve({ ...answer, body: text })), reject);
      stream.end(body);
    });
  }

  #connected(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const { origin, ca } = this.#options;
    const session = connect(origin, ca === undefined ? {} : { ca });
    const forget = () => {
      if (this.#session === session) this.#session = null;
    };
    // What it carries fails by itself; the next push connects anew.
    session.on('error', forget).on('close', forget).on('goaway', forget);
    session.setTimeout(IDLE_MS, () => session.close());
    session.unref();
    this.#session = session;
    return session;
  }

  #providerToken(): Promise<string> {
    const { key, keyId, teamId, now } = this.#options;
    const at = now();
    if (this.#token && at - this.#token.madeAt < TOKEN_LIFE_MS) return this.#token.text;
    const text = importPKCS8(key, 'ES256').then((signer) =>
      new SignJWT().setProtectedHeader({ alg: 'ES256', kid: keyId }).setIssuer(teamId).setIssuedAt(Math.floor(at / 1_000)).sign(signer),
    );
    this.#token = { text, madeAt: at };
    return text;
  }

  #outcomeOf({ status, retryAfter, body }: ApnsAnswer): PushOutcome {
    if (status === 200) return { status: 'accepted' };
    const { reason, timestamp } = refusalOf(body);
    if (reason === 'ExpiredProviderToken') {
      this.#token = null;
      return { status: 'later', reason };
    }
    if (status === 410) return { status: 'gone', reason, ...(timestamp === undefined ? {} : { since: timestamp }) };
    if (reason === 'BadDeviceToken' || reason === 'DeviceTokenNotForTopic') return { status: 'gone', reason };
    if (status === 429 || status >= 500) return { status: 'later', reason, ...retryAfterMs(retryAfter, this.#options.now()) };
    return { status: 'refused', reason };
  }
}

interface ApnsAnswer {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

/** A later notification of a conversation takes the place of the one before. */
function headersOf(notice: PushNotice, nowSeconds: number): Record<string, string> {
  const expiration = String(nowSeconds + PUSH_TTL_SECONDS);
  switch (notice.type) {
    case 'message':
      return { 'apns-push-type': 'alert', 'apns-priority': '10', 'apns-expiration': expiration, 'apns-collapse-id': notice.conversationId };
    case 'read':
      // Not `background`: that may not carry the badge. It shows nothing, so that it is not urgent either.
      return { 'apns-push-type': 'alert', 'apns-priority': '5', 'apns-expiration': expiration };
  }
}

function payloadOf(notice: PushNotice): object {
  const { type, conversationId, seq, badge } = notice;
  switch (notice.type) {
    case 'message': {
      const alert = { title: notice.title, ...(notice.body === '' ? {} : { body: notice.body }) };
      return { aps: { alert, badge, sound: 'default', 'thread-id': conversationId }, type, conversationId, messageId: notice.messageId, seq };
    }
    case 'read':
      return { aps: { 'content-available': 1, badge }, type, conversationId, seq };
  }
}

function refusalOf(body: string): { reason: string; timestamp?: number } {
  try {
    const said = JSON.parse(body) as { reason?: unknown; timestamp?: unknown };
    return { reason: typeof said.reason === 'string' ? said.reason : 'unknown', ...(typeof said.timestamp === 'number' ? { timestamp: said.timestamp } : {}) };
  } catch {
    return { reason: 'unknown' };
  }
}

async function collectText(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) text += String(piece);
  return text;
}
