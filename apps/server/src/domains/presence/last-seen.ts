import type { UserId } from '@couplet/protocol';

/** How often last-seen times are written: many people leaving at once become one statement. */
const WRITE_EVERY_MS = 5_000;

/**
 * When people were last connected, written to the database in the background.
 * Losing up to five seconds of it in a crash is harmless.
 */
export class LastSeen {
  readonly #save: (lastSeen: ReadonlyMap<UserId, string>) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #unsaved = new Map<UserId, string>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(save: (lastSeen: ReadonlyMap<UserId, string>) => Promise<void>, onError: (error: unknown) => void) {
    this.#save = save;
    this.#onError = onError;
  }

  note(userId: UserId, at: string): void {
    this.#unsaved.set(userId, at);
    this.#writeSoon();
  }

  /** What is not in the database yet. */
  unsaved(userId: UserId): string | undefined {
    return this.#unsaved.get(userId);
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#write();
  }

  #writeSoon(): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    if (this.#unsaved.size === 0) return;
    const batch = this.#unsaved;
    this.#unsaved = new Map();
    try {
      await this.#save(batch);
    } catch (error) {
      // Newer times win over the ones that could not be written.
      this.#unsaved = new Map([...batch, ...this.#unsaved]);
      this.#onError(error);
      this.#writeSoon();
    }
  }
}
