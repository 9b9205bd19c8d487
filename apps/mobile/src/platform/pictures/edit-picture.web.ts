import type { OutgoingFile } from '@couplet/client';
import { HEAD_BYTES, planShrink, renamed, type ShrinkPlan, STANDARD_QUALITY } from './picture-kind.ts';

/** A square of a picture, in its pixels as it is shown. */
export interface Square {
  left: number;
  top: number;
  side: number;
}

/** That square as a JPEG of at most this side. Rejects where the browser cannot open the picture. */
export async function cropPicture(file: OutgoingFile, square: Square, mostSide: number): Promise<OutgoingFile> {
  const side = Math.round(Math.min(square.side, mostSide));
  const blob = await redraw(file.source, { mime: 'image/jpeg', width: side, height: side }, { ...square, width: square.side, height: square.side });
  return { source: blob, name: renamed(file.name, 'image/jpeg'), mime: 'image/jpeg', sizeBytes: blob.size, width: side, height: side };
}

/** The picture as it is sent: the same file where it stays as it is. */
export async function shrinkPicture(file: OutgoingFile, quality: 'standard' | 'original'): Promise<OutgoingFile> {
  const { source, mime, sizeBytes, width, height } = file;
  if (!(source instanceof Blob) || width === undefined || height === undefined) return file;
  const head = new Uint8Array(await source.slice(0, HEAD_BYTES).arrayBuffer());
  const plan = planShrink({ mime, sizeBytes, width, height, head }, quality);
  if (plan === null) return file;
  const blob = await redraw(source, plan);
  const isGain = blob.type === plan.mime && (blob.size < sizeBytes || plan.mime !== mime);
  return isGain ? { ...file, source: blob, name: renamed(file.name, plan.mime), mime: plan.mime, sizeBytes: blob.size, width: plan.width, height: plan.height } : file;
}

interface Part {
  left: number;
  top: number;
  width: number;
  height: number;
}

async function redraw(source: unknown, { mime, width, height }: ShrinkPlan, part?: Part): Promise<Blob> {
  if (!(source instanceof Blob)) throw new Error('A browser draws blobs');
  // Upright, as the camera was held; decoded beside the page.
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' });
  try {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const paint = canvas.getContext('2d');
    if (paint === null) throw new Error('This browser does not draw');
    paint.imageSmoothingQuality = 'high';
    if (mime === 'image/jpeg') {
      // What shines through would come out black.
      paint.fillStyle = '#ffffff';
      paint.fillRect(0, 0, width, height);
    }
    const { left, top, width: partWidth, height: partHeight } = part ?? { left: 0, top: 0, width: bitmap.width, height: bitmap.height };
    paint.drawImage(bitmap, left, top, partWidth, partHeight, 0, 0, width, height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => (blob === null ? reject(new Error('The picture could not be written')) : resolve(blob)), mime, STANDARD_QUALITY);
    });
  } finally {
    bitmap.close();
  }
}
