import type { Person } from './person.ts';

interface Progress {
  /** Percentages, in the order in which they were shown. */
  shown: number[];
  /** Rows of messages that React rendered from the first one on. */
  rowsRendered: number;
}

/**
 * Follows how far the file of this name is on its way, as its message shows it.
 * Whoever opens the page counts its rows (`countRenderedRows`). Answers how it went so far.
 */
export async function followProgress(person: Person, name: string): Promise<() => Promise<Progress>> {
  const followed = await person.page.evaluateHandle((name) => {
    const shown: number[] = [];
    new MutationObserver(() => {
      const message = [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].find(({ textContent }) => textContent?.includes(name));
      const share = /(\d+) % of/.exec(message?.textContent ?? '')?.[1];
      if (share === undefined || Number(share) === shown.at(-1)) return;
      if (shown.length === 0) window.renderedRows();
      shown.push(Number(share));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return { shown };
  }, name);
  return () => followed.evaluate(({ shown }) => ({ shown, rowsRendered: window.renderedRows() }));
}
