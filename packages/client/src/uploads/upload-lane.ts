import { type ClientMsgId, CoupletError } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import { isMessageEntry, type MessageEntry } from '../outbox/outbox-entry.ts';
import { afterFailure } from '../outbox/outbox-policy.ts';
import { settleRefused } from '../outbox/settle-entries.ts';
import type { CancelSignal, FilesPort } from '../ports/files-port.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import type { Store, StoreWriter } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import { Cancellation } from '../cancellation.ts';
import type { PendingUpload } from './pending-upload.ts';
import { uploadFile } from './upload-file.ts';

export interface UploadLaneOptions {
  store: Store;
  api: ApiClient;
  files: FilesPort;
  clock: ClockPort;
  random: RandomPort;
  report: Report;
  announce: Announce;
  /** Whether files wait for a connection that costs nothing extra. */
  isHeld(): boolean;
  /** A message may be ready to be sent. */
  ready(): void;
  progressed(progress: { clientMsgId: ClientMsgId; fileId: string; sentBytes: number; totalBytes: number }): void;
}

/**
 * Brings the files of the outbox's messages to the server, beside the messages
 * themselves: a message that waits for its files is passed by (`planOutbox`),
 * and goes out when the last one is there.
 */
export class UploadLane {
  readonly #options: UploadLaneOptions;
  readonly #running = new Map<string, Cancellation>();
  /** Tries that failed, and when the next one is due, by file. */
  readonly #waiting = new Map<string, { attempts: number; notBefore: number }>();
  /** Files of the outbox as it was last seen: what left it is removed. */
  #known = new Set<string>();
  #isConnected = false;
  #cancelTimer: (() => void) | null = null;
  #planning: Promise<void> = Promise.resolve();

  constructor(options: UploadLaneOptions) {
    this.#options = options;
  }

  /** Once, where this tab begins to lead: copies whose message never came to be are cleared away. */
  async restore(): Promise<void> {
    const { store, files, clock } = this.#options;
    const used = new Set((await store.read((reader) => reader.listOutbox())).flatMap((entry) => uploadsOf(entry).map(({ fileId }) => fileId)));
    for (const { id, keptAt } of await files.list()) if (!used.has(id) && clock.now() - keptAt > ORPHANED_AFTER_MS) await files.remove(id);
  }

  connected(): void {
    this.#isConnected = true;
    this.#waiting.clear();
    this.wake();
  }

  /** What is under way ends by itself, or is found to have got through. */
  disconnected(): void {
    this.#isConnected = false;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** There may be something to upload, or something was given up. */
  wake(): void {
    this.#planning = this.#planning.then(() => this.#plan()).catch((error: unknown) => this.#options.report('uploads', error));
  }

  close(): void {
    this.disconnected();
    for (const running of this.#running.values()) running.cancel();
  }

  async #plan(): Promise<void> {
    if (!this.#isConnected) return;
    const { store, clock } = this.#options;
    const entries = (await store.read((reader) => reader.listOutbox())).filter(isMessageEntry);
    await this.#removeGone(new Set(entries.flatMap((entry) => uploadsOf(entry).map(({ fileId }) => fileId))));
    this.#stopHeld(entries);
    let wakeAt: number | null = null;
    for (const entry of entries) {
      if (entry.state.status !== 'queued' || this.#isHeld(entry)) continue;
      for (const upload of uploadsOf(entry)) {
        if (upload.attachment !== null || this.#running.has(upload.fileId)) continue;
        const notBefore = this.#waiting.get(upload.fileId)?.notBefore ?? 0;
        if (notBefore > clock.now()) wakeAt = Math.min(wakeAt ?? notBefore, notBefore);
        else if (this.#running.size < PARALLEL) this.#start(entry, upload);
      }
    }
    this.#cancelTimer?.();
    this.#cancelTimer = wakeAt === null ? null : clock.schedule(Math.max(0, wakeAt - clock.now()), () => this.wake());
  }

  #isHeld({ sendsAnyway }: MessageEntry): boolean {
    return this.#options.isHeld() && sendsAnyway !== true;
  }

  /** The connection became a metered one on the way: parts that are there stay there. */
  #stopHeld(entries: readonly MessageEntry[]): void {
    for (const entry of entries) {
      if (this.#isHeld(entry)) for (const { fileId } of uploadsOf(entry)) this.#running.get(fileId)?.cancel();
    }
  }

  #start(entry: MessageEntry, upload: PendingUpload): void {
    const { fileId } = upload;
    const running = new Cancellation();
    this.#running.set(fileId, running);
    this.#upload(entry, upload, running)
      .catch((error: unknown) => this.#options.report('uploads', error))
      .finally(() => {
        this.#running.delete(fileId);
        this.wake();
      });
  }

  async #upload(entry: MessageEntry, upload: PendingUpload, signal: CancelSignal): Promise<void> {
    const { api, files, clock, progressed } = this.#options;
    const { clientMsgId } = entry;
    const { fileId, sizeBytes: totalBytes } = upload;
    try {
      const { attachment } = await uploadFile(
        {
          api,
          files,
          clock,
          signal,
          announced: (uploadId) => this.#change(clientMsgId, fileId, (known) => ({ ...known, uploadId })),
          progressed: (sentBytes) => progressed({ clientMsgId, fileId, sentBytes, totalBytes }),
        },
        upload,
      );
      if (attachment === undefined) throw new CoupletError('internal', 'The server does not say what the file became.');
      await this.#change(clientMsgId, fileId, (known) => ({ ...known, uploadId: attachment.id, attachment }));
      this.#waiting.delete(fileId);
      this.#options.ready();
    } catch (error) {
      if (!signal.isCancelled) await this.#postpone(clientMsgId, fileId, error);
    }
  }

  async #postpone(clientMsgId: ClientMsgId, fileId: string, error: unknown): Promise<void> {
    const { clock, random, report } = this.#options;
    if (!(error instanceof CoupletError)) report('uploads', error);
    const attempts = (this.#waiting.get(fileId)?.attempts ?? 0) + 1;
    const asked = error instanceof CoupletError ? (error.retryAfterMs ?? 0) : 0;
    this.#waiting.set(fileId, { attempts, notBefore: clock.now() + Math.max(asked, fullJitterDelay(attempts, RETRY, random.fraction())) });
    await this.#write(clientMsgId, async (writer, entry) => {
      const after = afterFailure(entry, error, clock.now(), random.fraction());
      // A failure that a later try may mend is the lane's business, not the message's.
      if (after.state.status === 'failed') await settleRefused(writer, after);
    });
  }

  async #change(clientMsgId: ClientMsgId, fileId: string, change: (upload: PendingUpload) => PendingUpload): Promise<void> {
    await this.#write(clientMsgId, async (writer, entry) => {
      await writer.putOutboxEntry({ ...entry, uploads: uploadsOf(entry).map((upload) => (upload.fileId === fileId ? change(upload) : upload)) });
    });
  }

  /** Of a message that is still in the outbox; of one given up meanwhile nothing is written. */
  async #write(clientMsgId: ClientMsgId, body: (writer: StoreWriter, entry: MessageEntry) => Promise<void>): Promise<void> {
    const { store, announce } = this.#options;
    const touched = new Touched();
    await store.transaction(async (writer) => {
      const entry = await writer.getOutboxEntry(clientMsgId);
      if (entry?.type !== 'message') return;
      await body(writer, entry);
      touched.outboxes.add(entry.conversationId);
    });
    await announce(touched);
  }

  /** Sent or given up: the copy is not needed any more. */
  async #removeGone(present: ReadonlySet<string>): Promise<void> {
    for (const fileId of this.#known) {
      if (present.has(fileId)) continue;
      this.#running.get(fileId)?.cancel();
      this.#waiting.delete(fileId);
      await this.#options.files.remove(fileId);
    }
    this.#known = new Set(present);
  }
}

function uploadsOf(entry: { type: string; uploads?: PendingUpload[] } | { type: string }): PendingUpload[] {
  return 'uploads' in entry ? (entry.uploads ?? []) : [];
}

/** Two keep a mobile network busy; more only make each of them slower. */
const PARALLEL = 2;
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 60_000 };
/** Longer than anybody takes between picking a file and sending it. */
const ORPHANED_AFTER_MS = 24 * 60 * 60 * 1_000;
