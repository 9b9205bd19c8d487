import { ImageManipulator, SaveFormat } from 'expo-image-manipulator';
import { createVideoPlayer } from 'expo-video';
import { POSTER_CHARACTERS, POSTER_SIDE } from './poster-size.ts';

/** The first picture of a video as a small JPEG in base64; `null` where the phone cannot show it. */
export async function posterOf(source: unknown): Promise<string | null> {
  const player = createVideoPlayer(String(source));
  try {
    const [frame] = await player.generateThumbnailsAsync([0], { maxWidth: POSTER_SIDE, maxHeight: POSTER_SIDE });
    if (!frame) return null;
    const context = ImageManipulator.manipulate(frame);
    const image = await context.renderAsync();
    try {
      for (const compress of QUALITIES) {
        const { base64 } = await image.saveAsync({ base64: true, compress, format: SaveFormat.JPEG });
        if (base64 !== undefined && base64.length <= POSTER_CHARACTERS) return base64;
      }
      return null;
    } finally {
      image.release();
      context.release();
      frame.release();
    }
  } catch {
    // Then the video goes without.
    return null;
  } finally {
    player.release();
  }
}

/** Tried one after the other until it is small enough to go along with the announcement. */
const QUALITIES = [0.75, 0.5, 0.25];
