/** A row as painted, relative to the top of the view. */
export interface RowPlace {
  key: string;
  top: number;
  bottom: number;
}

export interface ListProbe {
  scroller(): HTMLElement;
  rows(): RowPlace[];
  /** Forgets the frames seen so far and records every painted frame from now on. */
  watch(): void;
  frames(): RowPlace[][];
  /** Milliseconds between painted frames since `watch`. */
  intervals(): number[];
  settled(): Promise<void>;
}

declare global {
  interface Window {
    probe: ListProbe;
  }
}

/**
 * Runs in the page before its own scripts. Samples are taken in a task posted
 * from an animation frame: that is after the frame was painted, so that what
 * layout observers put right before painting is not counted against the list.
 */
export function installProbe() {
  /** A quarter of a second at 60 frames: longer than the debounces of the list and of scroll events. */
  const STILL_FRAMES = 16;

  let frames: RowPlace[][] = [];
  let intervals: number[] = [];
  let lastFrame = 0;
  let isWatching = false;
  const channel = new MessageChannel();

  const scroller = () => {
    const element = document.querySelector<HTMLElement>('[data-testid="list"]');
    if (!element) throw new Error('There is no list on the page');
    return element;
  };

  const rows = (): RowPlace[] => {
    const list = document.querySelector<HTMLElement>('[data-testid="list"]');
    if (!list) return [];
    const view = list.getBoundingClientRect();
    return [...list.querySelectorAll<HTMLElement>('[data-testid^="row-"]')]
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((element) => {
        const box = element.getBoundingClientRect();
        return { key: (element.dataset['testid'] ?? '').slice('row-'.length), top: box.top - view.top, bottom: box.bottom - view.top };
      })
      .filter((row) => row.bottom > 0.5 && row.top < view.height - 0.5)
      .sort((a, b) => a.top - b.top);
  };

  channel.port1.onmessage = () => {
    if (isWatching) frames.push(rows());
  };
  const tick = (time: number) => {
    if (isWatching && lastFrame > 0) intervals.push(time - lastFrame);
    lastFrame = time;
    channel.port2.postMessage(null);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);

  window.probe = {
    scroller,
    rows,
    watch() {
      frames = [];
      intervals = [];
      isWatching = true;
    },
    frames: () => frames,
    intervals: () => intervals,
    settled: () =>
      new Promise((resolve) => {
        let still = 0;
        let before = '';
        const look = () => {
          const now = JSON.stringify([scroller().scrollTop, scroller().scrollHeight, rows()]);
          still = now === before && rows().length > 0 ? still + 1 : 0;
          before = now;
          if (still >= STILL_FRAMES) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
  };
}
