import { createHmac, timingSafeEqual } from 'node:crypto';

/** Identity of the one app that the gateway serves. */
export interface PusherApp {
  id: string;
  /** Public: every client shows it. */
  key: string;
  secret: string;
}

/** HMAC-SHA256 in lower-case hex. */
export function sign(app: PusherApp, text: string): string {
  return createHmac('sha256', app.secret).update(text).digest('hex');
}

/** What a client shows to subscribe. @param channelData byte for byte as the client will send it */
export function channelAuth(app: PusherApp, socketId: string, channel: string, channelData?: string): string {
  const signed = channelData === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`;
  return `${app.key}:${sign(app, signed)}`;
}

/** What a client shows to sign in. */
export function userAuth(app: PusherApp, socketId: string, userData: string): string {
  return `${app.key}:${sign(app, `${socketId}::user::${userData}`)}`;
}

/** Compares without telling by its duration how much was right. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
