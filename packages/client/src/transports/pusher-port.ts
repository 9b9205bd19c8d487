import type PusherClass from 'pusher-js';

/** Joins channels of a Pusher server. pusher-js fits, in whichever of its builds the host has: `pusherPort(Pusher)`. */
export interface PusherPort {
  /** Begins to connect. What comes of it is told to the handlers, never thrown and never from within. */
  open(options: PusherOpening, handlers: PusherHandlers): PusherLink;
}

export interface PusherOpening {
  key: string;
  /** Of a hosted app at Pusher; left out: `url` speaks the protocol. */
  cluster?: string;
  /** e.g. `http://127.0.0.1:4000` */
  url: string;
  /** Asks the server to sign a subscription. Rejects when it refuses or does not answer. */
  authorize(socketId: string, channel: string): Promise<{ auth: string; channel_data?: string }>;
  /** Asks the server to sign the connection in as the viewer; left out: it is known from its channels. */
  signIn?(socketId: string): Promise<{ auth: string; user_data: string }>;
}

export interface PusherHandlers {
  connected(socketId: string): void;
  /** It ended or never stood, for this reason. It does not come back by itself. */
  lost(reason: string): void;
}

/** One connection. After `close` nothing is told any more. */
export interface PusherLink {
  join(channel: string, handlers: ChannelHandlers): void;
  leave(channel: string): void;
  /** A client event in a channel that was joined. */
  trigger(channel: string, event: `client-${string}`, data: unknown): void;
  close(): void;
}

export interface ChannelHandlers {
  joined(): void;
  refused(reason: string): void;
  /** By the event's name; others are not listened to. */
  events: Readonly<Record<string, (data: unknown) => void>>;
}

/** pusher-js reconnects by itself; here every loss is the end, so that one policy decides when to come back. */
export function pusherPort(Pusher: typeof PusherClass): PusherPort {
  return {
    open({ key, cluster, url, authorize, signIn }, handlers) {
      const pusher = new Pusher(key, {
        // The library wants a cluster also where the host is named instead.
        ...(cluster === undefined ? { cluster: '', ...addressOf(url) } : { cluster, forceTLS: true }),
        enableStats: false,
        // WebSocket alone: the server speaks no other, and never without TLS what should have it.
        enabledTransports: [cluster !== undefined || url.startsWith('https:') ? 'wss' : 'ws'],
        channelAuthorization: {
          customHandler: ({ socketId, channelName }, answer) => {
            authorize(socketId, channelName).then(
              (signed) => answer(null, signed),
              (error: unknown) => answer(asError(error), null),
            );
          },
        },
        ...(signIn && {
          userAuthentication: {
            customHandler: ({ socketId }, answer) => {
              signIn(socketId).then(
                (signed) => answer(null, signed),
                (error: unknown) => answer(asError(error), null),
              );
            },
          },
        }),
      });
      // As soon as it is connected: a session that ends then ends what is signed in as its user.
      if (signIn) pusher.signin();
      let isOver = false;
      const close = () => {
        isOver = true;
        pusher.unbind_all();
        pusher.connection.unbind();
        pusher.disconnect();
      };
      let reason = 'The socket closed.';
      pusher.connection.bind('error', (error: unknown) => {
        reason = reasonOf(error);
      });
      pusher.connection.bind('state_change', ({ previous, current }: { previous: string; current: string }) => {
        if (isOver) return;
        if (current === 'connected') return handlers.connected(pusher.connection.socket_id);
        // The first way from "initialized" over "connecting" is no loss.
        if (current === 'connecting' && previous !== 'connected') return;
        close();
        handlers.lost(reason);
      });
      return {
        join(name, channel) {
          const subscription = pusher.subscribe(name);
          subscription.bind('pusher:subscription_succeeded', () => channel.joined());
          subscription.bind('pusher:subscription_error', (error: unknown) => channel.refused(reasonOf(error)));
          for (const [event, told] of Object.entries(channel.events)) subscription.bind(event, told);
        },
        leave: (name) => pusher.unsubscribe(name),
        trigger: (name, event, data) => void pusher.channel(name)?.trigger(event, data),
        close,
      };
    },
  };
}

function addressOf(url: string): { wsHost: string; wsPort: number; wssPort: number; forceTLS: boolean } {
  // Not `URL`: React Native has only a part of it.
  const [, scheme, host = '', port] = /^(https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(url) ?? [];
  const forceTLS = scheme === 'https';
  const number = Number(port ?? (forceTLS ? 443 : 80));
  return { wsHost: host, wsPort: number, wssPort: number, forceTLS };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** pusher-js wraps what happened in up to two layers. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    if ('error' in error && typeof error.error === 'string') return error.error;
    if ('message' in error && typeof error.message === 'string') return error.message;
    if ('error' in error) return reasonOf(error.error);
    if ('data' in error) return reasonOf(error.data);
    if ('code' in error) return `The server ended it with code ${String(error.code)}.`;
  }
  return 'The connection failed.';
}
