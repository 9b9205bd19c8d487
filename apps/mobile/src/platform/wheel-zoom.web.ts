/** By how much to zoom, around a place of the window in points. */
export interface WheelZoom {
  factor: number;
  x: number;
  y: number;
}

/** Turns of the wheel, and two fingers on a trackpad, anywhere on the page; nothing scrolls meanwhile. */
export function subscribeToWheelZoom(listener: (zoom: WheelZoom) => void): () => void {
  const onWheel = (event: WheelEvent) => {
    // Told with ctrl, a pinch on a trackpad would zoom the page.
    event.preventDefault();
    const speed = event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED;
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PIXELS;
    if (pixels !== 0) listener({ factor: Math.exp(-pixels * speed), x: event.clientX, y: event.clientY });
  };
  window.addEventListener('wheel', onWheel, { passive: false });
  return () => window.removeEventListener('wheel', onWheel);
}

/** Per pixel of the wheel: one notch of a mouse is a quarter larger; a pinch is told in much smaller steps. */
const WHEEL_SPEED = 0.002;
const PINCH_SPEED = 0.01;
const LINE_PIXELS = 16;
