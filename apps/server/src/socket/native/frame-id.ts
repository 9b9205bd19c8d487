let last = 0;

/** An id for a frame down: unique on this node, which is more than unique in one connection. */
export function nextFrameId(): string {
  last += 1;
  return last.toString(36);
}
