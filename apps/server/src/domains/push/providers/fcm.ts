import { importPKCS8, SignJWT } from 'jose';
import { type DeviceAddress, PROVIDER_TIMEOUT_MS, PUSH_TTL_SECONDS, type PushNotice, type PushOutcome, type PushProvider, retryAfterMs, unreachable } from '../push-provider.ts';

/** What this server needs of the JSON file that Google gives for a service account. */
export interface ServiceAccount {
  projectId: string;
  clientEmail: string;
  /** PEM. */
  privateKey: string;
  tokenUri: string;
}

export interface FcmOptions {
  account: ServiceAccount;
  /** `https://fcm.googleapis.com`. */
  origin: string;
  now: () => number;
  /** `PROVIDER_TIMEOUT_MS` unless a test cannot wait that long. */
  timeoutMs?: number;
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const ASSERTION_LIFE_SECONDS = 3_600;
/** A token is renewed before it runs out by this much: as long as a push may be under way. */
const RENEW_BEFORE_MS = 60_000;
/** What Google asks for where it refuses with 429 and names no time. */
const QUOTA_PAUSE_MS = 60_000;

/** Firebase Cloud Messaging, HTTP v1, as a service account. */
export class Fcm implements PushProvider {
  readonly #options: FcmOptions;
  #token: { text: Promise<string>; endsAt: number } | null = null;

  constructor(options: FcmOptions) {
    this.#options = options;
  }

  async send({ token }: DeviceAddress, notice: PushNotice): Promise<PushOutcome> {
    const { account, origin, now } = this.#options;
    try {
      const response = await fetch(`${origin}/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await this.#accessToken()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message: { token, ...messageOf(notice) } }),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#options.timeoutMs ?? PROVIDER_TIMEOUT_MS),
      });
      const body = await response.text();
      if (response.ok) return { status: 'accepted' };
      const pause = retryAfterMs(response.headers.get('retry-after'), now());
      return this.#refusalOf(response.status, body, pause);
    } catch (cause) {
      return unreachable(cause);
    }
  }

  async close(): Promise<void> {}

  #refusalOf(status: number, body: string, pause: { retryAfterMs?: number }): PushOutcome {
    const { reason, blames } = errorOf(body);
    if (status === 401) {
      this.#token = null;
      return { status: 'later', reason };
    }
    if (reason === 'UNREGISTERED' || reason === 'SENDER_ID_MISMATCH' || (reason === 'INVALID_ARGUMENT' && blames === 'message.token')) return { status: 'gone', reason };
    if (status === 429) return { status: 'later', reason, retryAfterMs: pause.retryAfterMs ?? QUOTA_PAUSE_MS };
    if (status >= 500) return { status: 'later', reason, ...pause };
    return { status: 'refused', reason };
  }

  #accessToken(): Promise<string> {
    const at = this.#options.now();
    if (this.#token && at < this.#token.endsAt - RENEW_BEFORE_MS) return this.#token.text;
    // One exchange for all that wait; how long the answer lasts is known when it is there.
    const current: { text: Promise<string>; endsAt: number } = { text: Promise.resolve(''), endsAt: at + ASSERTION_LIFE_SECONDS * 1_000 };
    current.text = this.#exchange(at).then(({ accessToken, expiresInSeconds }) => {
      current.endsAt = at + expiresInSeconds * 1_000;
      return accessToken;
    });
    current.text.catch(() => {
      if (this.#token === current) this.#token = null;
    });
    this.#token = current;
    return current.text;
  }

  /** RFC 7523: a signed statement of who asks, for an access token. */
  async #exchange(at: number): Promise<{ accessToken: string; expiresInSeconds: number }> {
    const { clientEmail, privateKey, tokenUri } = this.#options.account;
    const issuedAt = Math.floor(at / 1_000);
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(clientEmail)
      .setAudience(tokenUri)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_LIFE_SECONDS)
      .sign(await importPKCS8(privateKey, 'RS256'));
    const response = await fetch(tokenUri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
      redirect: 'error',
      signal: AbortSignal.timeout(this.#options.timeoutMs ?? PROVIDER_TIMEOUT_MS),
    });
    const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown; error?: unknown };
    if (!response.ok || typeof answer.access_token !== 'string') throw new Error(`Google gave no access token: ${String(answer.error ?? response.status)}`);
    return { accessToken: answer.access_token, expiresInSeconds: typeof answer.expires_in === 'number' ? answer.expires_in : ASSERTION_LIFE_SECONDS };
  }
}

/** The tag lets a later notification of a conversation take the place of the one before. All values of `data` are text. */
function messageOf(notice: PushNotice): object {
  const { type, conversationId, seq, badge } = notice;
  const ttl = `${PUSH_TTL_SECONDS}s`;
  const facts = { type, conversationId, seq: String(seq), badge: String(badge) };
  switch (notice.type) {
    case 'message':
      return {
        notification: { title: notice.title, ...(notice.body === '' ? {} : { body: notice.body }) },
        data: { ...facts, messageId: notice.messageId },
        android: { priority: 'HIGH', ttl, notification: { tag: conversationId, channel_id: 'messages', notification_count: badge } },
      };
    case 'read':
      return { data: facts, android: { priority: 'NORMAL', ttl } };
  }
}

/** FCM's own code where it gives one, otherwise Google's, and the field that it blames. */
function errorOf(body: string): { reason: string; blames: string | null } {
  try {
    const { error } = JSON.parse(body) as { error?: { status?: string; details?: { errorCode?: string; fieldViolations?: { field?: string }[] }[] } };
    const details = error?.details ?? [];
    const code = details.find(({ errorCode }) => errorCode !== undefined)?.errorCode;
    const field = details.flatMap(({ fieldViolations = [] }) => fieldViolations).find((violation) => violation.field !== undefined)?.field;
    return { reason: code ?? error?.status ?? 'unknown', blames: field ?? null };
  } catch {
    return { reason: 'unknown', blames: null };
  }
}
