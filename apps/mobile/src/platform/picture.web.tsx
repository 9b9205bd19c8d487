import { createElement, useMemo, useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { thumbHashToDataURL } from 'thumbhash';
import type { PictureProps } from './picture-props.ts';

/**
 * The browser's own picture, which it decodes beside the page's work. The library
 * that shows it on phones would be 16 kB of the first load for it.
 */
export function Picture({ uri, fit, thumbhash, fadeMs = 0, label, identity, style }: PictureProps) {
  const [shown, setShown] = useState<Shown | null>(null);
  const isShown = uri !== null && shown?.uri === uri;
  // Another one of the same picture comes over this one. Nothing of any other stays in sight.
  const under = !isShown && uri !== null && identity !== undefined && shown?.identity === identity ? shown.uri : null;
  const placeholder = useMemo(() => (thumbhash === undefined ? null : placeholderOf(thumbhash)), [thumbhash]);
  // Under the picture until it is there: what is transparent must not show it.
  const behind =
    placeholder === null || isShown || under !== null ? null : { backgroundImage: `url(${placeholder})`, backgroundSize: fit === 'fill' ? '100% 100%' : fit, backgroundPosition: 'center', backgroundRepeat: 'no-repeat' };
  const show = (image: HTMLImageElement) => {
    const loaded = () => setShown({ uri: uri ?? '', identity, fades: under === null });
    if (under === null) return loaded();
    // Loaded is not drawn yet, and what is under it goes.
    void image.decode().then(loaded, loaded);
  };
  return (
    <View style={[StyleSheet.flatten(style), behind]}>
      {[under, uri].map((each) =>
        each === null
          ? null
          : createElement('img', {
              // Another picture is another element.
              key: each,
              src: each,
              alt: each === uri ? (label ?? '') : '',
              draggable: false,
              decoding: 'async',
              onLoad: each === uri ? (event: { currentTarget: HTMLImageElement }) => show(event.currentTarget) : undefined,
              style: { ...FILL, objectFit: fit, opacity: isShown || each === under ? 1 : 0, transition: fadeMs > 0 && shown?.fades !== false ? `opacity ${fadeMs}ms ease-out` : undefined },
            }),
      )}
    </View>
  );
}

interface Shown {
  uri: string;
  identity: string | undefined;
  /** It came out of nothing, not over a smaller one. */
  fades: boolean;
}

const FILL = { position: 'absolute', top: 0, left: 0, width: '100%', height: '100%' } as const;

/** `null` for what is no thumbhash: it came from another device. */
function placeholderOf(base64: string): string | null {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}
