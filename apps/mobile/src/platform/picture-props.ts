import type { ImageStyle, StyleProp } from 'react-native';

export interface PictureProps {
  /** `null` while there is nothing to show but the placeholder. */
  uri: string | null;
  fit: 'cover' | 'contain' | 'fill';
  /** What it looks like from afar, base64: shown until the picture is there. */
  thumbhash?: string | undefined;
  /** How long it takes to come up, in milliseconds. */
  fadeMs?: number;
  /** What a screen reader calls it; left out where the words beside it tell. */
  label?: string;
  /** Which picture it is: a view that is used for another one shows nothing of the one before. */
  identity?: string;
  style: StyleProp<ImageStyle>;
}
