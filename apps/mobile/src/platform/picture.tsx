import { Image } from 'expo-image';
import type { PictureProps } from './picture-props.ts';

/** A picture that is on this device, decoded to the size it is shown in. */
export function Picture({ uri, fit, thumbhash, fadeMs = 0, label, identity, style }: PictureProps) {
  return (
    <Image
      source={uri === null ? null : { uri }}
      contentFit={fit}
      placeholder={thumbhash === undefined ? null : { thumbhash }}
      placeholderContentFit={fit}
      transition={fadeMs}
      recyclingKey={identity ?? null}
      // What the device keeps is on its disk already.
      cachePolicy="memory"
      accessible={label !== undefined}
      accessibilityLabel={label}
      style={style}
    />
  );
}
