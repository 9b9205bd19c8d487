import type { RandomPort, Store } from '@couplet/client';
import type { ConversationId, Message } from '@couplet/protocol';
import { DurableDevice, type FaultProxy, type TransportKind } from '@couplet/test-system/faults';
import type { Person } from './deployment.ts';
import type { History, SendRecord } from './history.ts';

export interface ActorOptions {
  name: string;
  person: Person;
  proxy: FaultProxy;
  file: string;
  history: History;
  random: RandomPort;
  transport: TransportKind;
  wrapStore?: (store: Store) => Store;
  /** Called with the database's file before each start but the first. */
  beforeRestart?: (file: string) => Promise<void>;
}

/** Between two actions, at most. */
const THINK_MS = 1_200;
const LONGEST_BURST = 6;
/** One text in so many is long enough to be cut in the middle of a network packet. */
const LONG_TEXT_EVERY = 25;
const LONG_TEXT = ' …and so on'.repeat(400);

/** A device in somebody's hand: writes, reads, edits, deletes, reacts, and does not care what works. */
export class Actor {
  readonly name: string;
  readonly person: Person;
  readonly proxy: FaultProxy;
  readonly device: DurableDevice;
  readonly file: string;
  conversations: ConversationId[] = [];
  /** Of its last snapshot, as far as it was seen: at least that. `null` when it was killed before anybody could look. */
  snapshotPosition: number | null = 0;
  readonly #options: ActorOptions;
  #order = 0;
  #isActing = false;
  #acting: Promise<void> = Promise.resolve();
  /** Resolves when the device is killed: whoever waits for an answer of it gets none. */
  #death = new Promise<void>(() => undefined);
  #die: () => void = () => undefined;

  constructor(options: ActorOptions) {
    this.#options = options;
    const { name, person, proxy, file, history, transport, wrapStore } = options;
    this.name = name;
    this.person = person;
    this.proxy = proxy;
    this.file = file;
    this.device = new DurableDevice({
      serverUrl: proxy.url,
      deviceName: name,
      file,
      transport,
      ...(wrapStore === undefined ? {} : { wrapStore }),
      onEvent: (event) => {
        history.observe(name, person.id, event);
        if (event.type === 'resynced') this.#lookAtSnapshot();
      },
    });
  }

  /** A first start, or one after a kill or a close. */
  async start(): Promise<void> {
    this.#death = new Promise((resolve) => {
      this.#die = resolve;
    });
    await this.device.start();
  }

  async restart(): Promise<void> {
    await this.#options.beforeRestart?.(this.file);
    await this.start();
  }

  /** @param statements of its database that it may still run */
  async kill(statements: number, withinMs: number): Promise<void> {
    const patience = new Promise<void>((resolve) => void setTimeout(resolve, withinMs).unref());
    await Promise.race([this.device.killAfter(statements), patience]);
    this.device.kill();
    this.#die();
  }

  async close(): Promise<void> {
    await this.device.close();
    this.#die();
  }

  #lookAtSnapshot(): void {
    this.snapshotPosition = null;
    this.device.messenger.diagnostics().then(
      ({ position }) => {
        this.snapshotPosition = position;
      },
      () => undefined,
    );
  }

  act(): void {
    this.#isActing = true;
    this.#acting = this.#live();
  }

  async rest(): Promise<void> {
    this.#isActing = false;
    await this.#acting;
  }

  async #live(): Promise<void> {
    const { random, history } = this.#options;
    while (this.#isActing) {
      await new Promise<void>((resolve) => void setTimeout(resolve, random.fraction() * THINK_MS));
      if (!this.device.isRunning) continue;
      try {
        await Promise.race([this.#actOnce(), this.#death]);
      } catch (error) {
        // Refusals are part of life: what they may leave behind is checked at the end.
        history.note('refused', { device: this.name, error: String(error) });
      }
    }
  }

  async #actOnce(): Promise<void> {
    const conversationId = this.#pick(this.conversations);
    if (conversationId === undefined) return;
    const choice = this.#options.random.fraction();
    if (choice < 0.5) return this.#say(conversationId);
    if (choice < 0.7) return this.#read(conversationId);
    if (choice < 0.78) return this.#edit();
    if (choice < 0.82) return this.#delete();
    if (choice < 0.92) return this.#react(conversationId);
    return this.#set(conversationId);
  }

  async #say(conversationId: ConversationId): Promise<void> {
    const { random, history } = this.#options;
    const { messages } = this.device.messenger;
    const burst = 1 + Math.floor(random.fraction() * LONGEST_BURST);
    const replyTo = random.fraction() < 0.15 ? await this.#anyMessage(conversationId) : undefined;
    for (let count = 0; count < burst; count += 1) {
      this.#order += 1;
      const record: SendRecord = {
        text: `${this.name} #${this.#order}.`,
        device: this.name,
        userId: this.person.id,
        conversationId,
        order: this.#order,
        clientMsgId: null,
        isAcknowledged: false,
      };
      history.sends.set(record.text, record);
      history.note('send', { device: this.name, text: record.text, conversationId });
      const text = this.#order % LONG_TEXT_EVERY === 0 ? record.text + LONG_TEXT : record.text;
      const { clientMsgId } = await messages.send({ conversationId, text, ...(replyTo === undefined ? {} : { replyTo }) });
      record.clientMsgId = clientMsgId;
      history.byClientMsgId.set(clientMsgId, record);
      history.note('written', { device: this.name, text: record.text, clientMsgId });
    }
  }

  async #read(conversationId: ConversationId): Promise<void> {
    const message = await this.#anyMessage(conversationId);
    if (message === undefined) return;
    this.#options.history.note('read', { device: this.name, conversationId, seq: message.seq });
    await this.device.messenger.messages.markRead(conversationId, message.seq);
  }

  /** Only what this device itself sent: two devices of one person would not know each other's last word. */
  async #edit(): Promise<void> {
    const own = await this.#ownMessage();
    if (own === undefined) return;
    const { record, message } = own;
    const text = `${record.text} edited ${(this.#order += 1)}`;
    await this.#change(record, text, () => this.device.messenger.messages.edit(message.id, text));
  }

  async #delete(): Promise<void> {
    const own = await this.#ownMessage();
    if (own === undefined) return;
    await this.#change(own.record, null, () => this.device.messenger.messages.delete(own.message.id));
  }

  /**
   * Done when it was accepted. An error, or no answer at all, leaves open whether
   * it was carried out, and so does a crash.
   */
  async #change(record: SendRecord, outcome: string | null, change: () => Promise<void>): Promise<void> {
    const { history } = this.#options;
    const possible = history.changes.get(record.text) ?? new Set([record.text]);
    possible.add(outcome);
    history.changes.set(record.text, possible);
    history.note('change', { device: this.name, text: record.text, outcome });
    await change();
    history.note('changed', { device: this.name, text: record.text, outcome });
    // What another try of before may still bring is only ruled out by a deletion.
    if (outcome === null) history.changes.set(record.text, new Set([null]));
  }

  async #react(conversationId: ConversationId): Promise<void> {
    const message = await this.#anyMessage(conversationId);
    if (message === undefined || message.deletedAt !== undefined) return;
    await this.device.messenger.messages.react(message.id, this.#options.random.fraction() < 0.7 ? '👍' : null);
  }

  async #set(conversationId: ConversationId): Promise<void> {
    const { random } = this.#options;
    const { conversations } = this.device.messenger;
    if (random.fraction() < 0.5) await conversations.update(conversationId, { pinned: random.fraction() < 0.5 });
    else await conversations.update(conversationId, { draft: `draft ${(this.#order += 1)} of ${this.name}` });
  }

  async #anyMessage(conversationId: ConversationId): Promise<Message | undefined> {
    const { items } = await this.device.messenger.messages.page({ conversationId, limit: 30, at: 'end' });
    return this.#pick(items);
  }

  async #ownMessage(): Promise<{ record: SendRecord; message: Message } | undefined> {
    const { history } = this.#options;
    const conversationId = this.#pick(this.conversations);
    if (conversationId === undefined) return undefined;
    const { items } = await this.device.messenger.messages.page({ conversationId, limit: 30, at: 'end' });
    const own = items.flatMap((message) => {
      const record = history.byClientMsgId.get(message.clientMsgId);
      return record?.device === this.name && message.deletedAt === undefined ? [{ record, message }] : [];
    });
    return this.#pick(own);
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#options.random.fraction() * from.length)];
  }
}
