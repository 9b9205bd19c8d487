/** Phones open menus by a long press. */
export function contextMenuProps(_open: (anchor: { x: number; y: number }) => void): object {
  return NOTHING;
}

const NOTHING = {};
