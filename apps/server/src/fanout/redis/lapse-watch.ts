/** A lapse that lasts is declared this often. */
const DECLARE_EVERY_MS = 1_000;
/** How often others' are looked for: one look-up in a table of as many rows as there are nodes. */
const WATCH_EVERY_MS = 2_000;

export interface LapseWatchOptions {
  save(): Promise<void>;
  isElsewhere(): Promise<boolean>;
  /** Another node's deliveries may not have come. */
  onLapse(): void;
  onError(error: unknown): void;
}

/**
 * A node that is cut off from Redis tells the others by way of the database:
 * they see no outage, and would not know that they miss what it publishes.
 */
export class LapseWatch {
  readonly #options: LapseWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #declaring: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(options: LapseWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), WATCH_EVERY_MS).unref();
  }

  /** At once, and then at most every second for as long as it is called. */
  declare(): void {
    this.#isDue = true;
    if (this.#declaring) return;
    this.#save();
    this.#declaring = setInterval(() => {
      if (this.#isDue) return this.#save();
      clearInterval(this.#declaring);
      this.#declaring = undefined;
    }, DECLARE_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    clearInterval(this.#declaring);
  }

  #save(): void {
    this.#isDue = false;
    this.#options.save().catch((error: unknown) => {
      this.#isDue = true;
      this.#options.onError(error);
    });
  }

  async #look(): Promise<void> {
    try {
      if (await this.#options.isElsewhere()) this.#options.onLapse();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
