import { createElement } from 'react';

/** The browser's own player. */
export function VideoPlayer({ url }: { url: string }) {
  return createElement('video', { src: url, controls: true, autoPlay: true, playsInline: true, style: { width: '100%', height: '100%', objectFit: 'contain' } });
}
