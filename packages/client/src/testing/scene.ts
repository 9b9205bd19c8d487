import type { ConversationId, Viewer } from '@couplet/protocol';
import { createMessenger } from '../messenger.ts';
import type { Messenger, MessengerEvent } from '../messenger-interface.ts';
import type { Ports, SiblingsPort, TokenStorage } from '../ports/ports.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { fakePusher } from './fake-pusher.ts';
import { FakeServer } from './fake-server.ts';
import { fakeSockets } from './fake-sockets.ts';
import { ManualClock } from './manual-clock.ts';
import { createMemoryTokenStorage, ManualNetwork } from './memory-ports.ts';
import { seededRandom } from './seeded-random.ts';
import { settle } from './settle.ts';
import type { PairedSockets } from './socket-pair.ts';

/** One messenger with everything around it that a test turns. */
export interface Device {
  messenger: Messenger;
  ports: Ports;
  sockets: PairedSockets;
  network: ManualNetwork;
  store: Store;
  tokens: TokenStorage;
  /** Everything the messenger said, in order. */
  events: MessengerEvent[];
}

export interface Kept {
  store?: Store;
  tokens?: TokenStorage;
  siblings?: SiblingsPort;
  /** Speaks Pusher instead of the native protocol. */
  isPusher?: boolean;
}

/** Two people, a conversation, a server and a clock. */
export interface Scene {
  clock: ManualClock;
  server: FakeServer;
  ana: Viewer;
  bo: Viewer;
  conversationId: ConversationId;
  /** A device that has not started yet; give `store` and `tokens` of another to be the same one restarted, and `siblings` to be another tab of it. */
  device(kept?: Kept): Device;
  /** A device on which this person is signed in and live. */
  signedIn(viewer: Viewer, kept?: Kept): Promise<Device>;
}

export function createScene(seed = 1): Scene {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const server = new FakeServer(clock, random);
  const ana = server.addUser('Ana');
  const bo = server.addUser('Bo');
  const conversationId = server.world.openConversation(ana.id, bo.id);

  function device(kept: Kept = {}): Device {
    const sockets = fakeSockets(server);
    const network = new ManualNetwork();
    const store = kept.store ?? createMemoryStore();
    const tokens = kept.tokens ?? createMemoryTokenStorage();
    const ports: Ports = { http: server.http, socket: sockets, clock, random, network, tokens, store, ...(kept.siblings === undefined ? {} : { siblings: kept.siblings }), ...(kept.isPusher === true && { pusher: fakePusher(server) }) };
    const messenger = createMessenger(ports, { serverUrl: 'http://server.test', deviceName: 'Test' });
    const events: MessengerEvent[] = [];
    messenger.subscribe((event) => void events.push(event));
    return { messenger, ports, sockets, network, store, tokens, events };
  }

  return {
    clock,
    server,
    ana,
    bo,
    conversationId,
    device,
    async signedIn(viewer, kept) {
      const made = device(kept);
      await made.messenger.start();
      await made.messenger.session.login({ login: viewer.username ?? '', password: 'secret-enough' });
      await settle();
      return made;
    },
  };
}
