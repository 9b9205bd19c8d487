/** A right click, or the menu key, opens our menu instead of the browser's. */
export function contextMenuProps(open: (anchor: { x: number; y: number }) => void): object {
  return {
    onContextMenu(event: { clientX: number; clientY: number; preventDefault(): void }) {
      event.preventDefault();
      open({ x: event.clientX, y: event.clientY });
    },
  };
}
