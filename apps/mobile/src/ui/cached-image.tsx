import { Picture } from '../platform/picture.tsx';
import type { PictureProps } from '../platform/picture-props.ts';
import { useCachedMedia } from './use-cached-media.ts';

export interface CachedImageProps extends Omit<PictureProps, 'uri' | 'identity'> {
  /** What it is, whatever its link is today: see `useCachedMedia`. */
  cacheKey: string;
  /** Left out or `null` while there is no link: what the device keeps is shown all the same. */
  url: string | null | undefined;
  /** The key of a smaller one of the same picture, shown until this one is there if the device has it. */
  meanwhile?: string;
  /** Where that one is fetched from, if it should be. */
  meanwhileUrl?: string | undefined;
  /** An address on this device to show the same picture by until there is one of these. */
  standIn?: string | null;
}

/** A picture that was seen once is seen again without a network. */
export function CachedImage({ cacheKey, url, meanwhile, meanwhileUrl, standIn = null, ...picture }: CachedImageProps) {
  const own = useCachedMedia(cacheKey, url);
  const smaller = useCachedMedia(meanwhile ?? null, meanwhileUrl);
  return <Picture {...picture} uri={own ?? smaller ?? standIn} identity={cacheKey} />;
}
