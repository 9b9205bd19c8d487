import type { ClockPort } from '@couplet/client';

/** Of `window.history`, what is used here. */
export interface PageHistory {
  readonly state: unknown;
  pushState(state: unknown, unused: string): void;
  back(): void;
}

interface Layer {
  close: () => void;
  /** The router's name of the page over which it lies; `null` of what is a part of the page. */
  page: string | null;
}

/** How long after the last layer its entry stays: what was chosen in it may be about to navigate, and going back then would undo that. */
const REST_MS = 250;

/**
 * Leads the browser's way back to what lies over a page. As long as anything
 * does, the page has a second entry in the history, its cover: going back from
 * it arrives at the page itself, and closes what was opened last.
 */
export class WayBack {
  readonly #history: PageHistory;
  readonly #clock: Pick<ClockPort, 'schedule'>;
  /** What was opened last is the last. */
  readonly #layers: Layer[] = [];
  /** The page that was given a cover last. */
  #covered: string | null = null;
  /** The cover is being taken away, which the browser will tell. */
  #isLeaving = false;
  #cancelRest = () => {};

  constructor(history: PageHistory, clock: Pick<ClockPort, 'schedule'>) {
    this.#history = history;
    this.#clock = clock;
  }

  /**
   * Answers how to say that it closed.
   *
   * @param isPart of the page: going back is not for it, as other pages may be chosen while it is open
   */
  open(close: () => void, isPart = false): () => void {
    const layer = { close, page: isPart ? null : this.#entry().id };
    this.#layers.push(layer);
    this.#cover();
    return () => {
      this.#remove(layer);
      this.#rest();
    };
  }

  closeLast(): void {
    this.#layers.at(-1)?.close();
  }

  /** The browser moved to another entry. Answers whether that was about what lies over the page: the router then need not know. */
  moved(): boolean {
    const { id, isCover } = this.#entry();
    const left = this.#covered;
    this.#covered = isCover ? id : null;
    if (isCover) {
      // Back from a later page, or forward again, when there may be nothing over the page any more.
      this.#rest();
      return false;
    }
    const wasLeaving = this.#isLeaving;
    this.#isLeaving = false;
    if (left === null || id !== left) {
      // Past it, to another page.
      for (const { close, page } of [...this.#layers]) if (left !== null && page === left) close();
      return false;
    }
    if (wasLeaving) {
      // Something was opened meanwhile.
      this.#cover();
      return true;
    }
    const last = this.#layers.findLast(({ page }) => page === id);
    if (last === undefined) {
      // It had just closed: the press was meant for the page.
      this.#history.back();
      return true;
    }
    this.#remove(last);
    last.close();
    this.#cover();
    return true;
  }

  /** The page that shows has a cover as long as anything lies over it. */
  #cover(): void {
    const { id } = this.#entry();
    // While the cover is being taken away the browser still stands on it.
    if (id === null || this.#isLeaving || this.#covered === id || !this.#isUnder(id)) return;
    this.#covered = id;
    this.#history.pushState({ ...(this.#history.state as object), isCover: true }, '');
  }

  #rest(): void {
    this.#cancelRest();
    this.#cancelRest = this.#clock.schedule(REST_MS, () => {
      const { id, isCover } = this.#entry();
      // The router may have put another page in its place.
      if (id === null || !isCover || id !== this.#covered || this.#isUnder(id)) return;
      this.#isLeaving = true;
      this.#history.back();
    });
  }

  #isUnder(id: string): boolean {
    return this.#layers.some(({ page }) => page === id);
  }

  #remove(layer: Layer): void {
    const at = this.#layers.indexOf(layer);
    if (at >= 0) this.#layers.splice(at, 1);
  }

  /** The router marks each entry of the history with an id. */
  #entry(): { id: string | null; isCover: boolean } {
    const { id, isCover } = (this.#history.state ?? {}) as { id?: unknown; isCover?: unknown };
    return { id: typeof id === 'string' ? id : null, isCover: isCover === true };
  }
}
