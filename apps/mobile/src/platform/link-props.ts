/** Phones open their screens by the press alone. */
export function linkProps(_href: string): object {
  return NOTHING;
}

/** Whether the press is the browser's to answer: a new tab or window. */
export function isForBrowser(_event: object): boolean {
  return false;
}

const NOTHING = {};
