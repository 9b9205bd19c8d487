import type { Event, Viewer } from '@couplet/protocol';
import { Conversations } from './conversations/conversations.ts';
import { SettingsSync } from './conversations/settings-sync.ts';
import type { SyncPhase } from './connection/connection-state.ts';
import { MessagePages } from './messages/message-pages.ts';
import { Messages } from './messages/messages.ts';
import { MessageSearch } from './messages/message-search.ts';
import { SearchBacklog } from './messages/search-backlog.ts';
import { askForSharedMedia, SharedMedia } from './messages/shared-media.ts';
import type { MessengerEvent } from './messenger-interface.ts';
import { OutboxRunner } from './outbox/outbox-runner.ts';
import type { Ports, SiblingsPort } from './ports/ports.ts';
import { PresenceBoard } from './presence/presence-board.ts';
import { TypingSignals } from './presence/typing-signals.ts';
import type { Report } from './problem-log.ts';
import { Receipts } from './receipts/receipts.ts';
import type { ApiClient } from './session/api-client.ts';
import { noteOf, type SiblingNote, touchedBy } from './siblings/sibling-note.ts';
import { type Announce, createAnnouncer } from './store/announcer.ts';
import { ownedStore } from './store/owned-store.ts';
import type { Store } from './store/store.ts';
import { SyncEngine } from './sync/sync-engine.ts';
import { UploadLane } from './uploads/upload-lane.ts';
import type { Signal, TransportConnection, TransportOpening } from './transports/transport.ts';

export interface AccountOptions {
  ports: Ports;
  api: ApiClient;
  report: Report;
  emit(event: MessengerEvent): void;
  areUploadsHeld(): boolean;
  phaseChanged(phase: SyncPhase): void;
}

/** Everything of one signed-in user on this device, from sign-in to sign-out. */
export class Account {
  readonly store: Store;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly pages: MessagePages;
  readonly search: MessageSearch;
  readonly sharedMedia: SharedMedia;
  readonly presence: PresenceBoard;
  readonly typing: TypingSignals;
  readonly receipts: Receipts;
  readonly #settings: SettingsSync;
  readonly #searchBacklog: SearchBacklog;
  readonly #outbox: OutboxRunner;
  readonly #uploads: UploadLane | null;
  readonly #sync: SyncEngine;
  readonly #report: Report;
  readonly #emit: (event: MessengerEvent) => void;
  readonly #announceHere: Announce;
  readonly #siblings: SiblingsPort | null;
  #resign: (() => void) | null = null;
  /** What this device has to tell the server is told by one tab: two would overtake each other. */
  #leading: Promise<void> | null = null;
  #connection: TransportConnection | null = null;
  readonly viewerId: Viewer['id'];

  constructor({ id: viewerId }: Viewer, { ports, api, report, emit, phaseChanged, areUploadsHeld }: AccountOptions) {
    this.viewerId = viewerId;
    this.#report = report;
    this.#emit = emit;
    this.#siblings = ports.siblings ?? null;
    const { clock, random } = ports;
    const store = ownedStore(ports.store, viewerId);
    this.#announceHere = createAnnouncer(store, emit, report);
    const announce: Announce = async (touched) => {
      await this.#announceHere(touched);
      if (!touched.isEmpty) this.#siblings?.tell(noteOf(viewerId, touched));
      // A message was written, sent or given up: its files are to be brought or removed.
      if (touched.outboxes.size > 0) this.#uploads?.wake();
    };
    const parts = { viewerId, store, api, clock, random, report, announce };
    this.store = store;
    this.#settings = new SettingsSync(parts);
    this.receipts = new Receipts(parts);
    this.#sync = new SyncEngine({
      ...parts,
      phaseChanged: (phase) => {
        phaseChanged(phase);
        // A catch-up left words for later.
        if (phase === 'live') this.#searchBacklog.start();
      },
      resynced: () => {
        emit({ type: 'resynced' });
        this.#siblings?.tell({ type: 'resynced', owner: viewerId } satisfies SiblingNote);
      },
      received: () => this.receipts.wake(),
      settled: () => this.#outbox.wake(),
    });
    this.#outbox = new OutboxRunner({ ...parts, acknowledged: (send) => this.#sync.receive(send) });
    const { files } = ports;
    this.#uploads =
      files === undefined
        ? null
        : new UploadLane({
            ...parts,
            files,
            isHeld: areUploadsHeld,
            ready: () => this.#outbox.wake(),
            progressed: (progress) => emit({ type: 'upload-progress', ...progress }),
          });
    this.messages = new Messages({ ...parts, outbox: this.#outbox, settings: this.#settings, files: files ?? null });
    this.pages = new MessagePages(parts);
    this.search = new MessageSearch({ store, searchServer: (query) => api.call('searchMessages', { query }) });
    this.sharedMedia = new SharedMedia({ store, askServer: askForSharedMedia(api) });
    this.#searchBacklog = new SearchBacklog(parts);
    this.conversations = new Conversations({ ...parts, settings: this.#settings });
    this.presence = new PresenceBoard((presence) => emit({ type: 'presence', presence }), report);
    this.typing = new TypingSignals(clock, (change) => emit({ type: 'typing', ...change }));
  }

  get position(): number {
    return this.#sync.position;
  }

  async restore(): Promise<void> {
    await this.#sync.restore();
    this.#searchBacklog.start();
    if (this.#siblings === null) this.#lead();
    else this.#resign = this.#siblings.lead(() => this.#lead());
    await this.#leading;
  }

  /** From here on this tab tells the server what the device has to tell. */
  #lead(): void {
    this.#leading = this.#outbox
      .restore()
      .then(() => this.#uploads?.restore())
      .catch((error: unknown) => this.#report('outbox', error));
    if (this.#connection !== null) void this.#drain(this.#connection);
  }

  /** Begins when this tab leads and what was cut off is back in the queue. */
  async #drain(connection: TransportConnection): Promise<void> {
    if (this.#leading === null) return;
    await this.#leading;
    if (this.#connection !== connection) return;
    this.#outbox.connected(connection).catch((error: unknown) => this.#report('outbox', error));
    this.#uploads?.connected();
    this.receipts.connected(connection);
    this.#settings.connected();
  }

  /** Another tab of this account changed the database. */
  async receiveNote(note: Exclude<SiblingNote, { type: 'signed-out' | 'metered' }>): Promise<void> {
    if (note.type === 'resynced') return this.#emit({ type: 'resynced' });
    await this.#announceHere(await this.store.read((reader) => touchedBy(note, reader)));
    // Nothing happens in a tab that does not lead.
    this.#outbox.wake();
    this.#uploads?.wake();
    this.receipts.wake();
    this.#settings.wake();
  }

  connected(connection: TransportConnection, opening: TransportOpening): void {
    // Sync before the rest: a draft or a receipt of a moment ago can wait.
    this.#sync.connected(connection, opening);
    this.#connection = connection;
    void this.#drain(connection);
    this.presence.connected(connection);
    this.typing.connected(connection);
  }

  disconnected(): void {
    this.#connection = null;
    this.#sync.disconnected();
    this.#outbox.disconnected();
    this.#uploads?.disconnected();
    this.receipts.disconnected();
    this.#settings.disconnected();
    this.presence.disconnected();
    this.typing.disconnected();
  }

  receiveEvent(event: Event): void {
    if (event.type === 'chat.message.new') this.typing.stop(event.message.conversationId, event.message.senderId);
    this.#sync.receive(event);
  }

  /** Files may wait now, or may not wait any more. */
  uploadsChanged(): void {
    this.#uploads?.wake();
  }

  logReaches(position: number): void {
    this.#sync.logReaches(position);
  }

  receiveSignal(signal: Signal): void {
    switch (signal.type) {
      case 'typing':
        return this.typing.receive(signal.conversationId, signal.userId, signal.isTyping, signal.expiresAt);
      case 'presence':
        return this.presence.receive(signal.presence);
    }
  }

  close(): void {
    this.#connection = null;
    this.#resign?.();
    this.#sync.close();
    this.#outbox.close();
    this.#uploads?.close();
    this.receipts.close();
    this.#settings.close();
    this.#searchBacklog.close();
    this.presence.close();
    this.typing.close();
  }
}
