/** By how much to zoom, around a place of the window in points. */
export interface WheelZoom {
  factor: number;
  x: number;
  y: number;
}

/** Phones have no wheel. */
export function subscribeToWheelZoom(_listener: (zoom: WheelZoom) => void): () => void {
  return () => undefined;
}
