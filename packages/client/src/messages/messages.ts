import {
  type ClientMsgId,
  type Conversation,
  type ConversationId,
  CoupletError,
  emojiSchema,
  LIMITS,
  type Message,
  type MessageId,
  messageTextSchema,
  type ReplyPreview,
  type UserId,
  uuidv7,
} from '@couplet/protocol';
import { type SettingsSync, writeSettings } from '../conversations/settings-sync.ts';
import type { SendInput } from '../messenger-interface.ts';
import type { MessageEntry, PendingChange, PendingMessage } from '../outbox/outbox-entry.ts';
import type { OutboxRunner } from '../outbox/outbox-runner.ts';
import { presentChanges, presentPending } from '../outbox/present-outbox.ts';
import type { WantedChange } from '../outbox/take-change-in.ts';
import { type ChangeContext, discardEntry, nextOrder, retryEntry, writeChange } from '../outbox/write-change.ts';
import type { FilesPort } from '../ports/files-port.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Parser } from '../salvage.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import type { Store, StoreWriter } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import type { OutgoingFile, PendingUpload } from '../uploads/pending-upload.ts';

export interface MessagesOptions {
  viewerId: UserId;
  store: Store;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  announce: Announce;
  outbox: OutboxRunner;
  settings: SettingsSync;
  /** `null` where the host keeps no files. */
  files: FilesPort | null;
}

/** What the viewer says, and changes of what was said: into the outbox, from which they go out by themselves. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  async pending(conversationId: ConversationId): Promise<PendingMessage[]> {
    return presentPending(await this.#options.store.read((reader) => reader.listOutbox(conversationId)));
  }

  async pendingChanges(conversationId: ConversationId): Promise<PendingChange[]> {
    return presentChanges(await this.#options.store.read((reader) => reader.listOutbox(conversationId)));
  }

  /** In the store before any network call; rejects only with `validation_failed` or `not_found`. */
  async send(input: SendInput, composed?: (pending: PendingMessage) => void): Promise<PendingMessage> {
    const { viewerId, clock, settings } = this.#options;
    const { conversationId, replyTo } = input;
    const clientMsgId = this.#newId() as ClientMsgId;
    const files = input.files ?? [];
    const text = input.text === undefined && files.length > 0 ? '' : parse(messageTextSchema, input.text);
    // Words alone are composed in the turn in which they are sent.
    const uploads = files.length === 0 ? [] : await this.#keep(files);
    const pending: PendingMessage = {
      clientMsgId,
      conversationId,
      senderId: viewerId,
      text,
      ...(replyTo === undefined ? {} : { replyTo: previewOf(replyTo) }),
      ...(uploads.length === 0 ? {} : { uploads }),
      createdAt: clock.now(),
      state: { status: 'queued' },
    };
    composed?.(pending);
    await this.#write(async (writer, touched) => {
      const conversation = await writer.getConversation(conversationId);
      if (conversation === null) throw new CoupletError('not_found');
      const entry: MessageEntry = { ...pending, type: 'message', id: clientMsgId, order: await nextOrder(writer), attempts: 0, notBefore: 0, heldUntil: 0, mayBeStored: false };
      await writer.putOutboxEntry(entry);
      touched.outboxes.add(conversationId);
      if (input.clearsDraft) await clearDraft(writer, conversation, touched);
    });
    if (input.clearsDraft) settings.wake();
    return pending;
  }

  async retry(id: string): Promise<void> {
    const { viewerId } = this.#options;
    await this.#write(async (writer, touched) => {
      if (await retryEntry(writer, id, touched)) return;
      // Stored while the person reached for the button: what they wanted is done.
      if ((await writer.findMessageByClientMsgId(viewerId, id as ClientMsgId)) === null) throw new CoupletError('not_found');
    });
  }

  /** Its files go out over a metered connection too. */
  async sendAnyway(id: ClientMsgId): Promise<void> {
    await this.#write(async (writer, touched) => {
      const entry = await writer.getOutboxEntry(id);
      if (entry?.type !== 'message') throw new CoupletError('not_found');
      await writer.putOutboxEntry({ ...entry, sendsAnyway: true });
      touched.outboxes.add(entry.conversationId);
    });
  }

  async discard(id: string): Promise<void> {
    await this.#write((writer, touched) => discardEntry(writer, this.#context(), id, touched));
  }

  async edit(id: MessageId | ClientMsgId, text: string): Promise<void> {
    await this.#change(id, { type: 'edit', text: parse(messageTextSchema, text) });
  }

  async delete(id: MessageId | ClientMsgId): Promise<void> {
    await this.#change(id, { type: 'delete' });
  }

  async react(id: MessageId | ClientMsgId, emoji: string | null): Promise<void> {
    await this.#change(id, { type: 'reaction', emoji: emoji === null ? null : parse(emojiSchema, emoji) });
  }

  async #change(id: string, wanted: WantedChange): Promise<void> {
    await this.#write((writer, touched) => writeChange(writer, this.#context(), id, wanted, touched));
  }

  /** One transaction, then everybody is told, then the runner. */
  async #write(body: (writer: StoreWriter, touched: Touched) => Promise<void>): Promise<void> {
    const { store, announce, outbox } = this.#options;
    const touched = new Touched();
    await store.transaction((writer) => body(writer, touched));
    await announce(touched);
    outbox.wake();
  }

  /** Copies of the files, before the message is written: what is in the outbox can be sent whatever happens to the originals. */
  async #keep(files: readonly OutgoingFile[]): Promise<PendingUpload[]> {
    const { files: kept } = this.#options;
    if (kept === null) throw new CoupletError('validation_failed', 'Files cannot be sent from here.');
    if (files.length > LIMITS.attachments) throw new CoupletError('validation_failed', `At most ${LIMITS.attachments} files go with one message.`);
    return Promise.all(
      files.map(async ({ source, ...file }) => {
        const fileId = this.#newId();
        await kept.keep(fileId, source);
        return { ...file, fileId, uploadId: null, attachment: null };
      }),
    );
  }

  #context(): ChangeContext {
    return { viewerId: this.#options.viewerId, now: this.#options.clock.now(), newId: () => this.#newId() };
  }

  #newId(): string {
    const { clock, random } = this.#options;
    return uuidv7(clock.now(), (bytes) => random.fill(bytes));
  }
}

async function clearDraft(writer: StoreWriter, { id, draft }: Conversation, touched: Touched): Promise<void> {
  const kept = (await writer.getSettings(id))?.settings.draft ?? draft;
  if (kept === '') return;
  await writeSettings(writer, id, { draft: '' });
  touched.conversations.add(id);
}

function parse<Output>(schema: Parser<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new CoupletError('validation_failed', issues[0]?.message, { issues });
}

function previewOf({ id, seq, senderId, type, text }: Message): ReplyPreview {
  return { messageId: id, seq, senderId, type, excerpt: (text ?? '').slice(0, LIMITS.excerptLength) };
}
