import { Agent, request } from 'node:https';
import webPush from 'web-push';
import { type DeviceAddress, PROVIDER_TIMEOUT_MS, PUSH_TTL_SECONDS, type PushNotice, type PushOutcome, type PushProvider, retryAfterMs, unreachable } from '../push-provider.ts';
import { parseSubscription } from '../web-subscription.ts';
import { publicLookup } from './public-address.ts';

export interface WebPushOptions {
  vapid: { subject: string; publicKey: string; privateKey: string };
  /** Null: wherever on the internet the browser's service is. Otherwise these host names only, which may be of one's own network. */
  hosts: readonly string[] | null;
  now: () => number;
  /** Of a stand-in. */
  ca?: string;
  /** `PROVIDER_TIMEOUT_MS` unless a test cannot wait that long. */
  timeoutMs?: number;
}

/** Answers are a line at most; more is somebody else's. */
const LONGEST_ANSWER = 16 * 1024;
/** It takes away the right to notify from pages whose pushes show nothing. */
const SHOWS_EVERY_PUSH = /(^|\.)push\.apple\.com$/;

/** Web Push with VAPID. The addresses come from browsers, so each is looked at before it is called. */
export class WebPush implements PushProvider {
  readonly #options: WebPushOptions;
  readonly #agent: Agent;

  constructor(options: WebPushOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      timeout: PROVIDER_TIMEOUT_MS,
      ...(options.hosts === null ? { lookup: publicLookup } : {}),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
  }

  async send({ token }: DeviceAddress, notice: PushNotice): Promise<PushOutcome> {
    const subscription = parseSubscription(token, this.#options.hosts);
    if (subscription === null) return { status: 'gone', reason: 'not a subscription this server would call' };
    if (notice.type === 'read' && SHOWS_EVERY_PUSH.test(new URL(subscription.endpoint).hostname)) return { status: 'refused', reason: 'silent pushes are not allowed there' };
    try {
      const { endpoint, method, headers, body } = webPush.generateRequestDetails(subscription, JSON.stringify(notice), {
        vapidDetails: this.#options.vapid,
        contentEncoding: 'aes128gcm',
        TTL: PUSH_TTL_SECONDS,
        urgency: notice.type === 'message' ? 'high' : 'low',
        topic: topicOf(notice),
      });
      const answer = await this.#post(endpoint, method, headers, body);
      return this.#outcomeOf(answer);
    } catch (cause) {
      return unreachable(cause);
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  #post(endpoint: string, method: string, headers: Record<string, string>, body: Buffer | null): Promise<WebPushAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(endpoint, { method, headers, agent: this.#agent, signal: AbortSignal.timeout(this.#options.timeoutMs ?? PROVIDER_TIMEOUT_MS) }, (response) => {
        let length = 0;
        response.on('data', (piece: Buffer) => {
          length += piece.length;
          if (length > LONGEST_ANSWER) response.destroy(new Error('The push service answered too much'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #outcomeOf({ status, retryAfter }: WebPushAnswer): PushOutcome {
    const reason = String(status);
    if (status >= 200 && status < 300) return { status: 'accepted' };
    if (status === 404 || status === 410) return { status: 'gone', reason };
    if (status === 429 || status >= 500) return { status: 'later', reason, ...retryAfterMs(retryAfter, this.#options.now()) };
    return { status: 'refused', reason };
  }
}

interface WebPushAnswer {
  status: number;
  retryAfter: string | undefined;
}

/** While a browser is away the newest of a conversation is kept for it, and the newest reading. At most 32 letters: half of what a UUID has is random. */
function topicOf({ type, conversationId }: PushNotice): string {
  return `${type === 'message' ? 'm' : 'r'}${conversationId.replaceAll('-', '').slice(-31)}`;
}
