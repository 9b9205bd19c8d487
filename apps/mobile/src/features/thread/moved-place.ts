/** The list with one of its entries at another place. */
export function withMoved<Entry>(list: readonly Entry[], from: number, to: number): Entry[] {
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

/** Where an entry that was taken from `start` lies after it was dragged by `distance`, in rows of `pitch` points; where it was as long as that is not known. */
export function placeAfter(start: number, distance: number, pitch: number, count: number): number {
  const rows = pitch > 0 ? Math.round(distance / pitch) : 0;
  return Math.max(0, Math.min(start + rows, count - 1));
}
