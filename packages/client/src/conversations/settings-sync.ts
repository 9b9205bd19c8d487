import { CoupletError, type Conversation, type ConversationId, type ConversationSettings } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Announce } from '../store/announcer.ts';
import { mergeSettings } from '../store/merge-rows.ts';
import type { PendingSettings, Store, StoreWriter } from '../store/store.ts';
import { Touched } from '../store/touched.ts';
import { presentConversation } from './present-conversation.ts';

export interface SettingsSyncOptions {
  store: Store;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  report: Report;
  announce: Announce;
}

/**
 * The viewer's own settings of conversations, drafts among them: changed on the
 * device at once, told to the server soon, kept until it confirmed them.
 */
export class SettingsSync {
  readonly #options: SettingsSyncOptions;
  #isOnline = false;
  #cancelTimer: (() => void) | null = null;
  #flushing = false;
  #failures = 0;

  constructor(options: SettingsSyncOptions) {
    this.#options = options;
  }

  connected(): void {
    this.#isOnline = true;
    this.#failures = 0;
    this.#schedule(0);
  }

  disconnected(): void {
    this.#isOnline = false;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Rejects with `not_found` for a conversation that is not on the device. */
  async change(conversationId: ConversationId, settings: ConversationSettings): Promise<Conversation> {
    const touched = new Touched();
    const shown = await this.#options.store.transaction(async (writer) => {
      const conversation = await writer.getConversation(conversationId);
      if (conversation === null) throw new CoupletError('not_found');
      await writeSettings(writer, conversationId, settings);
      touched.conversations.add(conversationId);
      return presentConversation(writer, conversation, await writer.listOutbox(conversationId));
    });
    await this.#options.announce(touched);
    this.wake();
    return shown;
  }

  /** There may be something to tell. */
  wake(): void {
    if (this.#isOnline && this.#cancelTimer === null && !this.#flushing) this.#schedule(COALESCE_MS);
  }

  close(): void {
    this.disconnected();
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#cancelTimer = null;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    let remaining = 0;
    try {
      for (const pending of await this.#options.store.read((reader) => reader.listSettings())) await this.#tell(pending);
      remaining = (await this.#options.store.read((reader) => reader.listSettings())).length;
      this.#failures = 0;
    } catch (error) {
      this.#options.report('settings', error);
      this.#failures += 1;
    } finally {
      this.#flushing = false;
    }
    if (!this.#isOnline || this.#cancelTimer !== null) return;
    if (this.#failures > 0) this.#schedule(COALESCE_MS + fullJitterDelay(this.#failures, RETRY, this.#options.random.fraction()));
    else if (remaining > 0) this.#schedule(COALESCE_MS);
  }

  async #tell({ conversationId, settings }: PendingSettings): Promise<void> {
    const { store, api, report, announce } = this.#options;
    let answer: Conversation | null = null;
    try {
      answer = await api.call('updateConversation', { params: { id: conversationId }, body: settings });
    } catch (error) {
      if (!(error instanceof CoupletError) || !REFUSED.has(error.code)) throw error;
      report('settings', error);
    }
    const touched = new Touched();
    await store.transaction(async (writer) => {
      // Of the answer only the settings: it may be older than what the log has brought since.
      const stored = await writer.getConversation(conversationId);
      if (answer !== null && stored !== null) await writer.putConversation(mergeSettings(stored, answer));
      const rest = without((await writer.getSettings(conversationId))?.settings ?? {}, settings);
      if (Object.keys(rest).length === 0) await writer.deleteSettings(conversationId);
      else await writer.putSettings({ conversationId, settings: rest });
      touched.conversations.add(conversationId);
    });
    await announce(touched);
  }
}

/** Notes what is to be told, within the caller's transaction; `wake` afterwards. */
export async function writeSettings(writer: StoreWriter, conversationId: ConversationId, settings: ConversationSettings): Promise<void> {
  const before = await writer.getSettings(conversationId);
  await writer.putSettings({ conversationId, settings: { ...before?.settings, ...settings } });
}

/** What changed again while the request was under way stays to be told. */
function without(current: ConversationSettings, told: ConversationSettings): ConversationSettings {
  const entries = Object.entries(current).filter(([name, value]) => told[name as keyof ConversationSettings] !== value);
  return Object.fromEntries(entries);
}

const REFUSED: ReadonlySet<string> = new Set(['not_found', 'forbidden', 'validation_failed', 'conflict']);
/** A draft changes with every key; the server hears of it about twice a second. */
const COALESCE_MS = 400;
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 30_000 };
