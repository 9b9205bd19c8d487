import { CoupletError, PROTOCOL_VERSION, type UserId } from '@couplet/protocol';
import { Account } from './account.ts';
import { Connection } from './connection/connection.ts';
import { Listeners } from './listeners.ts';
import type { Messenger, MessengerEvent } from './messenger-interface.ts';
import { People } from './people.ts';
import type { Ports } from './ports/ports.ts';
import { ProblemLog } from './problem-log.ts';
import { ApiClient } from './session/api-client.ts';
import type { RestServer } from './session/request-endpoint.ts';
import { SessionKeeper } from './session/session-keeper.ts';
import type { SessionState } from './session/session-state.ts';
import { setProfilePhoto } from './profile-photo.ts';
import { parseNote, type SiblingNote } from './siblings/sibling-note.ts';
import { claimStore } from './store/owned-store.ts';
import { MeteredHold } from './uploads/metered-hold.ts';
import { createNativeTransport } from './transports/native-transport.ts';
import { createPusherTransport } from './transports/pusher-transport.ts';
import type { Transport } from './transports/transport.ts';

export interface MessengerOptions {
  /** Absolute, e.g. `https://chat.example`; with or without a slash at the end. */
  serverUrl: string;
  /** Shown in the list of sessions, e.g. "Firefox on Linux". */
  deviceName: string;
  appVersion?: string;
  /** This installation of the app, stable across restarts. */
  deviceId?: string;
}

/** The messenger on its host's ports. Call `start` once, `close` at the end. */
export function createMessenger(ports: Ports, options: MessengerOptions): Messenger {
  const serverUrl = options.serverUrl.replace(/\/+$/, '');
  const { clock, random, network, store, siblings } = ports;
  const problems = ports.problems ?? new ProblemLog(() => clock.now());
  const { report } = problems;
  const listeners = new Listeners<MessengerEvent>((error) => report('listener', error));
  const emit = (event: MessengerEvent) => listeners.emit(event);
  const server: RestServer = { http: ports.http, serverUrl, report };
  let ignoredFrames = 0;
  let account: Account | null = null;
  let isClosed = false;

  const hold = new MeteredHold(ports.meter, (areHeld) => {
    account?.uploadsChanged();
    emit({ type: 'uploads-held', areHeld });
  });
  const session = new SessionKeeper({
    server,
    storage: ports.tokens,
    clock,
    deviceName: options.deviceName,
    device: {
      async claim(userId) {
        if (await claimStore(store, userId)) await wipeFiles();
      },
      async wipe() {
        endAccount();
        await store.transaction((writer) => writer.clear());
        await wipeFiles();
      },
    },
  });
  const api = new ApiClient(server, session);
  const connection = new Connection({
    transport: transportOf(ports, options, api, () => signedIn().viewerId),
    tokens: session,
    clock,
    random,
    network,
    report,
    position: () => account?.position ?? 0,
    stateChanged: (state) => emit({ type: 'connection-changed', state }),
    opened: (transport, opening) => account?.connected(transport, opening),
    ended: () => account?.disconnected(),
    eventArrived: (event) => account?.receiveEvent(event),
    signalArrived: (signal) => account?.receiveSignal(signal),
    logReaches: (position) => account?.logReaches(position),
    frameIgnored(reason) {
      ignoredFrames += 1;
      report('frame', reason);
    },
  });

  // The account is ready before listeners hear of the sign-in: what they read then works.
  let settled: Promise<void> = Promise.resolve();
  const unsubscribeSession = session.subscribe((state) => {
    settled = settled.then(() => enter(state)).catch((error: unknown) => report('session', error));
  });
  const unsubscribeTokens = session.subscribeToTokens((token) => connection.renew(token));

  const unsubscribeSiblings = siblings?.subscribe((value) => {
    const note = parseNote(value);
    if (note === null || session.state.status !== 'signed-in' || session.state.viewer.id !== note.owner) return;
    if (note.type === 'metered') {
      hold.want(note.waits);
      emit({ type: 'metered-wait-chosen', waits: note.waits });
    } else if (note.type === 'signed-out') {
      session.leave();
      // What this tab was about to keep when the other one cleared everything.
      ports.media?.clear().catch((error: unknown) => report('pictures', error));
    } else account?.receiveNote(note).catch((error: unknown) => report('other tab', error));
  });

  async function enter(state: SessionState): Promise<void> {
    // Closed, or a later state has already taken its place.
    if (isClosed || session.state !== state) return;
    if (state.status === 'signed-out') {
      endAccount();
      if (state.reason === 'none' || state.reason === 'logout') connection.stop();
      else connection.sessionLost();
    } else if (state.status === 'signed-in' && account?.viewerId !== state.viewer.id) {
      endAccount();
      const entered = new Account(state.viewer, { ports, api, report, emit, areUploadsHeld: () => hold.isHeld, phaseChanged: (phase) => connection.phaseChanged(phase) });
      await entered.restore();
      if (isClosed) return entered.close();
      account = entered;
      connection.start();
    }
    emit({ type: 'session-changed', state });
  }

  async function wipeFiles(): Promise<void> {
    for (const { id } of (await ports.files?.list()) ?? []) await ports.files?.remove(id);
    // A device without a place for pictures has none to clear, and must let its person in and out.
    await ports.media?.clear().catch((error: unknown) => report('pictures', error));
  }

  function endAccount(): void {
    const ended = account;
    account = null;
    connection.stop();
    ended?.close();
  }

  function signedIn(): Account {
    if (account === null) throw new CoupletError('not_authenticated');
    return account;
  }

  return {
    session: {
      state: () => session.state,
      async register(input) {
        await session.register(input);
        await settled;
      },
      async login(input) {
        await session.login(input);
        await settled;
      },
      async logout() {
        // First the connection: the server closes it as revoked, and that would be answered by a refresh.
        connection.stop();
        const owner = account?.viewerId;
        await session.logout();
        if (owner !== undefined) siblings?.tell({ type: 'signed-out', owner } satisfies SiblingNote);
        await settled;
      },
      list: async () => (await api.call('listSessions')).items,
      async revoke(id) {
        await api.call('revokeSession', { params: { id } });
      },
      async updateProfile(change) {
        const viewer = await api.call('updateMe', { body: change });
        await session.updateViewer(viewer);
        return viewer;
      },
      async setPhoto(photo, watch = {}) {
        const viewer = photo === null ? await api.call('setAvatar', { body: { uploadId: null } }) : await setProfilePhoto({ api, ...ports }, photo, watch);
        await session.updateViewer(viewer);
        return viewer;
      },
    },
    connection: {
      state: () => connection.state,
      hasNetwork: () => network.isOnline(),
      wake: () => connection.wake(),
      setActive: (isActive) => connection.setActive(isActive),
    },
    conversations: {
      list: async (query) => signedIn().conversations.list(query),
      get: async (id) => signedIn().conversations.get(id),
      openWith: async (userId) => signedIn().conversations.openWith(userId),
      update: async (id, settings) => signedIn().conversations.update(id, settings),
      place: async (id) => signedIn().store.read((reader) => reader.getPlace(id)),
      leavePlace: async (id, place) => signedIn().store.transaction((writer) => writer.putPlace(id, place)),
    },
    messages: {
      page: async (query) => signedIn().pages.page(query),
      pending: async (conversationId) => signedIn().messages.pending(conversationId),
      send: async (input, composed) => signedIn().messages.send(input, composed),
      pendingChanges: async (conversationId) => signedIn().messages.pendingChanges(conversationId),
      retry: async (id) => signedIn().messages.retry(id),
      discard: async (id) => signedIn().messages.discard(id),
      edit: async (id, text) => signedIn().messages.edit(id, text),
      delete: async (id) => signedIn().messages.delete(id),
      react: async (id, emoji) => signedIn().messages.react(id, emoji),
      search: async (query) => signedIn().search.search(query),
      searchDevice: async (query) => signedIn().search.searchDevice(query),
      shared: async (query) => signedIn().sharedMedia.page(query),
      markRead: async (conversationId, seq) => signedIn().receipts.markRead(conversationId, seq),
    },
    uploads: {
      areHeld: () => hold.isHeld,
      waitWhileMetered(waits) {
        hold.want(waits);
        if (account !== null) siblings?.tell({ type: 'metered', owner: account.viewerId, waits } satisfies SiblingNote);
      },
      sendAnyway: async (clientMsgId) => signedIn().messages.sendAnyway(clientMsgId),
    },
    people: new People(api),
    presence: {
      watch: (userIds) => account?.presence.watch(userIds),
      get: (userId) => account?.presence.get(userId) ?? { userId, status: 'unknown', lastSeenAt: null },
      setTyping: (conversationId, isTyping) => account?.typing.tell(conversationId, isTyping),
    },
    api,
    async diagnostics() {
      const { log, outbox, unconfirmed } = await store.read(async (reader) => ({
        log: await reader.getLog(),
        outbox: await reader.listOutbox(),
        unconfirmed: (await reader.listReceipts()).length + (await reader.listSettings()).length,
      }));
      return {
        connection: connection.state,
        epoch: log.epoch,
        position: log.position,
        outboxSize: outbox.length,
        unconfirmed,
        lastErrors: problems.list(),
        ignoredFrames,
        protocolVersion: PROTOCOL_VERSION,
        appVersion: options.appVersion ?? null,
      };
    },
    subscribe: (listener) => listeners.subscribe(listener),
    async start() {
      await session.restore();
      await settled;
    },
    async close() {
      isClosed = true;
      unsubscribeSession();
      unsubscribeTokens();
      unsubscribeSiblings?.();
      hold.close();
      session.close();
      connection.close();
      account?.close();
      account = null;
      listeners.clear();
      await store.close();
    },
  };
}

function transportOf(ports: Ports, options: MessengerOptions, api: ApiClient, viewerId: () => UserId): Transport {
  const { clock, random, pusher, socket } = ports;
  const { serverUrl, deviceId } = options;
  if (pusher !== undefined) return createPusherTransport({ pusher, api, clock, random, serverUrl, viewerId });
  return createNativeTransport({
    socket,
    clock,
    random,
    url: `${serverUrl.replace(/^http/, 'ws')}/ws`,
    ...(deviceId === undefined ? {} : { deviceId }),
  });
}
