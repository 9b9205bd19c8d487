import type { InitialPosition } from '../message-list.tsx';

export interface SampleRow {
  key: string;
  number: number;
  text: string;
  /** Points the row grew by after it was first shown, as by an image that came late. */
  extraHeight: number;
}

export interface ListPageSetup {
  /** Rows `m1` to `m<count>`. */
  count: number;
  initialPosition: InitialPosition;
  followsEnd?: boolean;
  /** Whether a row `day` stands before the first one, whichever that is. */
  hasDay?: boolean;
  /** Points; none when left out. */
  headerHeight?: number;
  footerHeight?: number;
}

/** What the contract suite asks of a page that shows a list, whichever list that is. */
export interface ListPageCommands {
  reports: {
    reachStart: number;
    reachEnd: number;
    visible: [first: string, last: string] | null;
    atEnd: boolean[];
    /** How often each row rendered. */
    renders: Record<string, number>;
  };
  open(setup: ListPageSetup): void;
  append(count: number): void;
  prepend(count: number): void;
  /** Before the last so many rows: what was said elsewhere before what is still being sent. */
  insert(count: number, beforeLast: number): void;
  /** Takes the last row away, as when somebody stops typing. */
  removeLast(count?: number): void;
  grow(key: string, by: number): void;
  change(setup: Partial<Pick<ListPageSetup, 'followsEnd' | 'headerHeight' | 'footerHeight'>>): void;
  scrollToEnd(animated: boolean): void;
  scrollToKey(key: string, animated: boolean): boolean;
  scrollByPage(direction: -1 | 1): void;
  offsetOf(key: string): number | null;
  keys(): string[];
}

declare global {
  interface Window {
    list: ListPageCommands;
  }
}
