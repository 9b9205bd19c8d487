import { createElement, useMemo, useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { thumbHashToDataURL } from 'thumbhash';
import type { PictureProps } from './picture-props.ts';

/**
 * The browser's own picture, which it decodes beside the page's work. The library
 * that shows it on phones would be 16 kB of the first load for it.
 */
export function Picture({ uri, fit, thumbhash, fadeMs = 0, label, style }: PictureProps) {
  const [shown, setShown] = useState<string | null>(null);
  const isShown = uri !== null && shown === uri;
  const placeholder = useMemo(() => (thumbhash === undefined ? null : placeholderOf(thumbhash)), [thumbhash]);
  // Under the picture until it is there: what is transparent must not show it.
  const behind = placeholder === null || isShown ? null : { backgroundImage: `url(${placeholder})`, backgroundSize: fit === 'fill' ? '100% 100%' : fit, backgroundPosition: 'center', backgroundRepeat: 'no-repeat' };
  return (
    <View style={[StyleSheet.flatten(style), behind]}>
      {uri === null
        ? null
        : createElement('img', {
            // Another picture is another element: nothing of the one before stays in sight.
            key: uri,
            src: uri,
            alt: label ?? '',
            draggable: false,
            decoding: 'async',
            onLoad: () => setShown(uri),
            style: { position: 'absolute', top: 0, left: 0, width: '100%', height: '100%', objectFit: fit, opacity: isShown ? 1 : 0, transition: fadeMs > 0 ? `opacity ${fadeMs}ms ease-out` : undefined },
          })}
    </View>
  );
}

/** `null` for what is no thumbhash: it came from another device. */
function placeholderOf(base64: string): string | null {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}
