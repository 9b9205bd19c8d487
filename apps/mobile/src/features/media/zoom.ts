/** How a picture stands in its frame: `scale` of 1 fits it in; `x` and `y` move its middle, in points. */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export const FITTED: Zoom = { scale: 1, x: 0, y: 0 };
/** Past it a picture of a phone's camera is larger than its pixels. */
export const MOST_SCALE = 6;
/** What two taps give: enough to read a sign in the background. */
export const TAPPED_SCALE = 2.5;

/** As large as fits in the frame, in the proportions of the picture; the frame itself when they are not known. */
export function fittedSize(picture: Partial<Size>, frame: Size): Size {
  'worklet';
  if (!picture.width || !picture.height) return frame;
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/**
 * Another scale, with the point of the picture under `focal` staying where it is.
 *
 * @param focal from the middle of the frame, in points
 */
export function zoomedTo(zoom: Zoom, scale: number, focal: { x: number; y: number }): Zoom {
  'worklet';
  const ratio = scale / zoom.scale;
  return { scale, x: focal.x - (focal.x - zoom.x) * ratio, y: focal.y - (focal.y - zoom.y) * ratio };
}

/** The nearest zoom that leaves no gap beside a picture that is larger than the frame, and centres a smaller one. */
export function withinFrame(zoom: Zoom, fitted: Size, frame: Size): Zoom {
  'worklet';
  const scale = Math.max(1, Math.min(zoom.scale, MOST_SCALE));
  const most = { x: Math.max(0, (fitted.width * scale - frame.width) / 2), y: Math.max(0, (fitted.height * scale - frame.height) / 2) };
  return { scale, x: Math.max(-most.x, Math.min(zoom.x, most.x)), y: Math.max(-most.y, Math.min(zoom.y, most.y)) };
}

/** Points a second: faster is a flick. */
const FLICK = 500;

/** Where a drag that ends here leads: a quarter of the way or a flick turns the page. */
export function turnOf(moved: number, velocity: number, width: number): -1 | 0 | 1 {
  'worklet';
  if (moved < -width / 4 || (velocity < -FLICK && moved < 0)) return 1;
  if (moved > width / 4 || (velocity > FLICK && moved > 0)) return -1;
  return 0;
}
