import type { ClockPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { Store } from '../store/store.ts';

export interface SearchBacklogOptions {
  store: Store;
  clock: ClockPort;
  report: Report;
}

/**
 * Takes the messages that are not in the search index yet into it: those that an
 * earlier version of the app stored, and those that a catch-up left for later. A piece at a time with pauses between, for the screen reads from the same
 * database. What was not done when the app ends goes on at the next start.
 */
export class SearchBacklog {
  readonly #options: SearchBacklogOptions;
  #cancel: (() => void) | null = null;
  /** Counts starts: what an earlier one still does is the last of it. */
  #run = 0;

  constructor(options: SearchBacklogOptions) {
    this.#options = options;
  }

  /** Begins anew, after a pause, if there is something to do. */
  start(): void {
    const { store, report } = this.#options;
    this.close();
    const run = this.#run;
    store
      .read((reader) => reader.isSearchComplete())
      .then((isComplete) => {
        if (!isComplete && run === this.#run) this.#schedule(FIRST_PAUSE_MS);
      })
      .catch((error: unknown) => report('search', error));
  }

  close(): void {
    this.#run += 1;
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(pauseMs: number): void {
    this.#cancel = this.#options.clock.schedule(pauseMs, () => void this.#indexPiece());
  }

  async #indexPiece(): Promise<void> {
    const { store, report } = this.#options;
    const run = this.#run;
    try {
      const isComplete = await store.transaction((writer) => writer.indexEarlierMessages(PIECE));
      // Closed meanwhile: the account is no longer here.
      if (!isComplete && run === this.#run) this.#schedule(PAUSE_MS);
    } catch (error) {
      report('search', error);
    }
  }
}

/** The first frame and the catch-up come first. */
const FIRST_PAUSE_MS = 3_000;
/** Messages of a piece: their transaction is over before a tap is felt. */
const PIECE = 200;
const PAUSE_MS = 100;
