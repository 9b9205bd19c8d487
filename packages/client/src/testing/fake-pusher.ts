import type { DownFrame, UserId } from '@couplet/protocol';
import type { ChannelHandlers, PusherHandlers, PusherLink, PusherOpening, PusherPort } from '../transports/pusher-port.ts';
import type { FakePeer, FakeServer } from './fake-server.ts';

/** The channels of the fake server, as pusher-js would bring them. Everything arrives in a turn of its own. */
export function fakePusher(server: FakeServer): PusherPort {
  return { open: (opening, handlers) => new FakePusherLink(server, opening, handlers) };
}

class FakePusherLink implements PusherLink, FakePeer {
  userId: UserId | null = null;
  readonly #server: FakeServer;
  readonly #opening: PusherOpening;
  readonly #handlers: PusherHandlers;
  readonly #channels = new Map<string, ChannelHandlers>();
  readonly #detach: () => void;
  #isClosed = false;

  constructor(server: FakeServer, opening: PusherOpening, handlers: PusherHandlers) {
    this.#server = server;
    this.#opening = opening;
    this.#handlers = handlers;
    this.#detach = server.attach(this);
    this.#soon(() => {
      if (!server.isReachable) return this.closeByServer(1006);
      if (opening.url === server.hostedAt) opening.signIn?.(SOCKET_ID).catch(() => undefined);
      handlers.connected(SOCKET_ID);
    });
  }

  join(channel: string, handlers: ChannelHandlers): void {
    this.#opening.authorize(SOCKET_ID, channel).then(
      () =>
        this.#soon(() => {
          this.#channels.set(channel, handlers);
          if (channel.startsWith(USER)) this.userId = channel.slice(USER.length) as UserId;
          handlers.joined();
          // A hosted app knows nothing of who is there.
          if (channel.startsWith(USER) && this.#server.hostedAt === null) this.#tellPresences(handlers);
        }),
      (error: unknown) => this.#soon(() => handlers.refused(String(error))),
    );
  }

  leave(channel: string): void {
    this.#channels.delete(channel);
  }

  trigger(channel: string, event: `client-${string}`, data: unknown): void {
    if (!this.#channels.has(channel)) throw new Error(`a client event in ${channel}, which was not joined`);
    this.#server.clientEvents.push({ channel, event, data });
  }

  write(frame: DownFrame): void {
    if (!this.#server.filterDown(frame)) return;
    const events = this.#channels.get(`${USER}${this.userId ?? ''}`)?.events;
    const [name, data] = eventOf(frame);
    this.#soon(() => events?.[name]?.(data));
  }

  closeByServer(code: number): void {
    if (this.#isClosed) return;
    this.close();
    void Promise.resolve().then(() => this.#handlers.lost(`closed with ${code}`));
  }

  close(): void {
    this.#isClosed = true;
    this.#detach();
  }

  #tellPresences(handlers: ChannelHandlers): void {
    const { world } = this.#server;
    for (const userId of world.viewers.keys()) {
      if (userId !== this.userId) handlers.events.presence?.({ userId, status: 'online', lastSeenAt: null });
    }
  }

  #soon(task: () => void): void {
    void Promise.resolve().then(() => {
      if (!this.#isClosed) task();
    });
  }
}

function eventOf({ type, data }: DownFrame): [name: string, data: unknown] {
  if (type === 'presence.update') return ['presence', data];
  if (type === 'chat.typing') return ['typing', data];
  return ['event', { type, ...data }];
}

const SOCKET_ID = '1.1';
const USER = 'private-user-';
