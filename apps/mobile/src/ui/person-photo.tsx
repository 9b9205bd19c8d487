import type { ImageStyle, StyleProp } from 'react-native';
import { Picture } from '../platform/picture.tsx';
import { CachedImage } from './cached-image.tsx';

export interface PersonPhotoProps {
  url: string;
  fullUrl?: string | undefined;
  style: StyleProp<ImageStyle>;
}

/**
 * A person's photo. Of our own server's the link never leads to anything else,
 * so it is its own key; one that another system gave is shown from where it is.
 */
export function PersonPhoto({ url, fullUrl, style }: PersonPhotoProps) {
  const shown = { style, fit: 'cover', fadeMs: 120 } as const;
  if (!OWN_PHOTO.test(url)) return <Picture {...shown} uri={url} />;
  return fullUrl === undefined ? <CachedImage {...shown} cacheKey={url} url={url} /> : <CachedImage {...shown} cacheKey={fullUrl} url={fullUrl} meanwhile={url} />;
}

/** As the server names them. */
const OWN_PHOTO = /\/blobs\/avatars\/[^/]+\/\d+$/;
