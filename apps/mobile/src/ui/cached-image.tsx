import { Image, type ImageProps } from 'expo-image';
import { useCachedMedia } from './use-cached-media.ts';

export interface CachedImageProps extends Omit<ImageProps, 'source' | 'cachePolicy' | 'recyclingKey'> {
  /** What it is, whatever its link is today: see `useCachedMedia`. */
  cacheKey: string;
  /** Left out or `null` while there is no link: what the device keeps is shown all the same. */
  url: string | null | undefined;
  /** The key of a smaller one of the same picture, shown until this one is there if the device has it. */
  meanwhile?: string;
  /** Where that one is fetched from, if it should be. */
  meanwhileUrl?: string | undefined;
}

/** A picture that was seen once is seen again without a network. */
export function CachedImage({ cacheKey, url, meanwhile, meanwhileUrl, ...image }: CachedImageProps) {
  const own = useCachedMedia(cacheKey, url);
  const smaller = useCachedMedia(meanwhile ?? null, meanwhileUrl);
  const uri = own ?? smaller;
  // What the device keeps is on its disk already.
  return <Image {...image} source={uri === null ? null : { uri }} recyclingKey={cacheKey} cachePolicy="memory" />;
}
