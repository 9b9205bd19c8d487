/** What the page itself measures; installed before its first script runs. Milliseconds of its own clock, which begins with the navigation. */
export interface PageProbe {
  /** Stretches of more than 50 ms in which the page could not answer: milliseconds each, with when they began. */
  longTasks: { begun: number; lasted: number }[];
  /** When the first row of the list was painted and the page was free for input. */
  listShown: Promise<number>;
  /** From the next click until a message row with this text is painted. Resolves with the milliseconds. */
  clickToMessage(text: string): Promise<number>;
  /** Until a message row with this text is painted. */
  messageShown(text: string): Promise<void>;
  /** Notes the time of every frame until it is told to stop; answers the times between them. */
  frames(): () => number[];
  /** Follows the row in the middle of the list; the answered function tells by how many pixels it ever stood elsewhere. */
  followMiddleRow(): () => number;
  /** Resolves with the page's time once the device's place in the log, as its database has it, is there. */
  caughtUp(position: number): Promise<number>;
  /** What a running measurement of this name leaves for the next call. */
  kept: Record<string, () => unknown>;
}

declare global {
  interface Window {
    probe: PageProbe;
  }
}

/** Runs in the page: it may use nothing from outside of itself. */
export function installProbe(): void {
  const longTasks: PageProbe['longTasks'] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ begun: startTime, lasted: duration });
  }).observe({ type: 'longtask', buffered: true });

  const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
  /**
   * Looks in every frame; resolves once the frame that first shows it has been
   * painted and the page is free again: what a frame posts comes after its own
   * painting. Asked for in the next frame, it would be a frame too late.
   */
  const paintedWith = async (isThere: () => boolean) => {
    do await frame();
    while (!isThere());
    return new Promise<number>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(null);
    });
  };
  const isInView = (element: Element) => {
    const { top, bottom, width } = element.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < innerHeight;
  };
  /** A list that opens puts its rows in place before it shows them. */
  const isDrawn = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const rowWith = (text: string) => [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].find((row) => row.textContent?.includes(text) && isInView(row) && isDrawn(row));
  const messageShown = (text: string) => {
    const begun = performance.now();
    return paintedWith(() => {
      if (performance.now() - begun > 20_000) throw new Error(`No row with "${text}" came into view`);
      return rowWith(text) !== undefined;
    });
  };
  const listIn = () => [...document.querySelectorAll('[data-testid="message-list"]')].find(isInView);

  window.probe = {
    longTasks,
    kept: {},
    listShown: paintedWith(() => document.querySelector('[data-testid^="chat-row-"]') !== null),
    messageShown: async (text) => void (await messageShown(text)),
    clickToMessage: (text) =>
      new Promise((resolve, reject) => {
        addEventListener(
          'click',
          (click) => {
            messageShown(text)
              .then((shownAt) => resolve(shownAt - click.timeStamp))
              .catch(reject);
          },
          { capture: true, once: true },
        );
      }),
    frames() {
      const times = [performance.now()];
      let isOver = false;
      const note = (now: number) => {
        times.push(now);
        if (!isOver) requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      return () => {
        isOver = true;
        return times.slice(2).map((time, index) => time - (times[index + 1] ?? time));
      };
    },
    followMiddleRow() {
      const box = listIn()?.getBoundingClientRect();
      const middle = box === undefined ? 0 : (box.top + box.bottom) / 2;
      const shown = [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].filter(isInView);
      const row = shown.find((candidate) => candidate.getBoundingClientRect().bottom > middle) ?? shown[0];
      const testId = row?.getAttribute('data-testid') ?? '';
      const topOf = () => document.querySelector(`[data-testid="${CSS.escape(testId)}"]`)?.getBoundingClientRect().top;
      let begun: number | undefined;
      let most = 0;
      let isOver = false;
      // In a task that a frame posts: what layout observers put right before painting was never seen.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const top = topOf();
        begun ??= top ?? Number.NaN;
        // A row that is gone has moved out of sight.
        most = Math.max(most, top === undefined ? innerHeight : Math.abs(top - begun));
        if (!isOver) requestAnimationFrame(look);
      };
      const look = () => port2.postMessage(null);
      requestAnimationFrame(look);
      return () => {
        isOver = true;
        return most;
      };
    },
    async caughtUp(position) {
      const result = <Result>(request: IDBRequest<Result>) =>
        new Promise<Result>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('The request failed'));
        });
      const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
      let name: string | undefined;
      // Opened before the app has made it, it would be an empty one.
      while ((name = (await indexedDB.databases()).find((database) => database.name?.startsWith('couplet'))?.name) === undefined) await pause();
      const database = await result(indexedDB.open(name));
      const reached = async () => (await result<{ position: number } | undefined>(database.transaction('log').objectStore('log').get('log')))?.position ?? 0;
      while ((await reached()) < position) await pause();
      database.close();
      return performance.now();
    },
  };
}
