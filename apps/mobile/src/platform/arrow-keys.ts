/** Phones have no arrow keys. */
export function arrowKeyProps(_stops: string): object {
  return NOTHING;
}

const NOTHING = {};
