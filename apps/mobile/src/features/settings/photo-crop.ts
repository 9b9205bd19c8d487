import type { Square } from '../../platform/pictures/edit-picture.ts';

export interface PictureSize {
  width: number;
  height: number;
}

/** A part smaller than this, in pixels of the picture, would be shown larger than it is. */
const LEAST_SIDE = 128;

/** As much as a square holds of it, from its middle. */
export function widestSquare({ width, height }: PictureSize): Square {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

/** How far in: 1 is the widest square. */
export function zoomOf(picture: PictureSize, { side }: Square): number {
  return Math.min(picture.width, picture.height) / side;
}

export function mostZoom({ width, height }: PictureSize): number {
  return Math.max(1, Math.min(width, height) / LEAST_SIDE);
}

/** The picture follows the finger: the square goes the other way, in pixels of the picture, and stays on it. */
export function movedSquare(picture: PictureSize, { left, top, side }: Square, dx: number, dy: number): Square {
  return { left: within(left - dx, picture.width - side), top: within(top - dy, picture.height - side), side };
}

/** To this zoom, around the middle of what is shown. */
export function zoomedSquare(picture: PictureSize, square: Square, zoom: number): Square {
  const side = Math.min(picture.width, picture.height) / Math.max(1, Math.min(zoom, mostZoom(picture)));
  const grown = (square.side - side) / 2;
  return movedSquare(picture, { left: square.left + grown, top: square.top + grown, side }, 0, 0);
}

/** Where the whole picture lies when the square fills a stage of this size, in points. */
export function placeOf(picture: PictureSize, { left, top, side }: Square, stage: number): { left: number; top: number; width: number; height: number } {
  const scale = stage / side;
  return { left: -left * scale, top: -top * scale, width: picture.width * scale, height: picture.height * scale };
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(value, Math.max(0, most)));
}
