import { CoupletError, type Message } from '@couplet/protocol';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import { mergeMessage } from '../store/merge-rows.ts';
import type { Store } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import type { AcknowledgedSend } from '../store/write-events.ts';
import type { SentMessage, TransportConnection } from '../transports/transport.ts';
import { messageTypeOf, readyAttachments } from '../uploads/pending-upload.ts';
import type { ChangeEntry, MessageEntry, OutboxEntry } from './outbox-entry.ts';
import { afterFailure, dueAgain, goneOut, planOutbox } from './outbox-policy.ts';
import { sendChangeEntry, sendMessageEntry } from './send-entry.ts';
import { settleChanged, settleDeleted, settleRefused, settleRefusedChange, settleSent } from './settle-entries.ts';

export interface OutboxRunnerOptions {
  store: Store;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  report: Report;
  announce: Announce;
  /** The acknowledged message's place in the log. */
  acknowledged(send: AcknowledgedSend): void;
}

/** Sends what is in the outbox, and takes it out by acknowledgement alone. */
export class OutboxRunner {
  readonly #options: OutboxRunnerOptions;
  #connection: TransportConnection | null = null;
  #cancelTimer: (() => void) | null = null;
  /** One plan at a time; a wake during one leads to another. */
  #planning: 'no' | 'yes' | 'again' = 'no';

  constructor(options: OutboxRunnerOptions) {
    this.#options = options;
  }

  /** What was being sent when the app ended goes back to the queue: its answer is lost, its id is not. */
  async restore(): Promise<void> {
    await this.#options.store.transaction(async (writer) => {
      for (const entry of await writer.listOutbox()) {
        if (entry.state.status === 'sending') await writer.putOutboxEntry({ ...entry, state: { status: 'queued' } });
      }
    });
  }

  async connected(connection: TransportConnection): Promise<void> {
    this.#connection = connection;
    await this.#options.store.transaction(async (writer) => {
      for (const entry of await writer.listOutbox()) {
        if (entry.state.status === 'queued' && entry.notBefore > 0) await writer.putOutboxEntry(dueAgain(entry));
      }
    });
    this.wake();
  }

  disconnected(): void {
    this.#connection = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#planning !== 'no') {
      this.#planning = 'again';
      return;
    }
    this.#planning = 'yes';
    this.#plan()
      .catch((error: unknown) => this.#options.report('outbox', error))
      .finally(() => {
        const again = this.#planning === 'again';
        this.#planning = 'no';
        if (again) this.wake();
      });
  }

  close(): void {
    this.disconnected();
  }

  async #plan(): Promise<void> {
    const { store, clock, announce } = this.#options;
    const connection = this.#connection;
    if (connection === null) return;
    const touched = new Touched();
    const plan = await store.transaction(async (writer) => {
      const next = planOutbox(await writer.listOutbox(), clock.now());
      for (const entry of next.send) {
        await writer.putOutboxEntry(goneOut(entry));
        touched.outboxes.add(entry.conversationId);
      }
      return next;
    });
    for (const entry of plan.send) {
      this.#send(connection, entry).catch((error: unknown) => this.#options.report('outbox', error));
    }
    this.#cancelTimer?.();
    this.#cancelTimer =
      plan.wakeAt === null || this.#connection !== connection ? null : clock.schedule(Math.max(0, plan.wakeAt - clock.now()), () => this.wake());
    await announce(touched);
  }

  async #send(connection: TransportConnection, entry: OutboxEntry): Promise<void> {
    try {
      if (entry.type === 'message') await this.#settleMessage(entry, await sendMessageEntry(connection, entry));
      else await this.#settleChange(entry, await sendChangeEntry(this.#options.api, entry));
    } catch (error) {
      await this.#postpone(entry.id, error);
    }
    this.wake();
  }

  /**
   * One transaction takes the entry out and puts the message in. The list row of
   * the conversation follows with the event, when its turn in the log comes: a
   * peer's message may lie before it.
   */
  async #settleMessage(entry: MessageEntry, ack: SentMessage): Promise<void> {
    const { store, announce, acknowledged } = this.#options;
    const message = messageOf(entry, ack);
    const touched = new Touched();
    await store.transaction(async (writer) => {
      const [stored] = await writer.listMessages({ conversationId: ack.conversationId, fromSeq: ack.seq, toSeq: ack.seq });
      const merged = mergeMessage(stored ?? null, message);
      await writer.putMessages([merged]);
      await settleSent(writer, merged, touched);
      if (merged.deletedAt !== undefined) await settleDeleted(writer, merged, touched);
      touched.addMessages([merged]);
    });
    await announce(touched);
    if (ack.position !== undefined) acknowledged({ type: 'acknowledged', position: ack.position, message });
  }

  /** One transaction takes the entry out and puts in what the server answered, before the event comes. */
  async #settleChange(entry: ChangeEntry, answer: Message | null): Promise<void> {
    const touched = new Touched();
    await this.#options.store.transaction((writer) => settleChanged(writer, entry, answer, touched));
    await this.#options.announce(touched);
  }

  async #postpone(id: string, error: unknown): Promise<void> {
    const { store, clock, random, announce, report } = this.#options;
    if (!(error instanceof CoupletError)) report('outbox', error);
    const touched = new Touched();
    await store.transaction(async (writer) => {
      // Gone when it arrived through the log, or was discarded, in the meantime.
      const entry = await writer.getOutboxEntry(id);
      if (entry?.state.status !== 'sending') return;
      const after = afterFailure(entry, error, clock.now(), random.fraction());
      touched.outboxes.add(entry.conversationId);
      if (after.state.status !== 'failed') return writer.putOutboxEntry(after);
      if (after.type === 'message') await settleRefused(writer, after);
      else await settleRefusedChange(writer, after, touched);
    });
    await announce(touched);
  }
}

/** As the server has it, where it says so; otherwise it is what was sent. */
function messageOf(entry: MessageEntry, ack: SentMessage): Message {
  if (ack.message !== undefined) return ack.message;
  const replyTo = ack.replyTo ?? entry.replyTo;
  const attachments = readyAttachments(entry.uploads) ?? [];
  return {
    id: ack.messageId,
    conversationId: ack.conversationId,
    seq: ack.seq,
    senderId: entry.senderId,
    clientMsgId: entry.clientMsgId,
    type: messageTypeOf(attachments),
    ...(entry.text === '' ? {} : { text: entry.text }),
    attachments,
    ...(replyTo === undefined ? {} : { replyTo }),
    reactions: [],
    version: 0,
    createdAt: ack.createdAt,
  };
}
