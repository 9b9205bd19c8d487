import type { OutgoingFile } from '@couplet/client';
import { File } from 'expo-file-system';
import { ImageManipulator, SaveFormat } from 'expo-image-manipulator';
import { HEAD_BYTES, planShrink, renamed, type ShrinkPlan, STANDARD_QUALITY } from './picture-kind.ts';

/** A square of a picture, in its pixels as it is shown. */
export interface Square {
  left: number;
  top: number;
  side: number;
}

/** That square as a JPEG of at most this side. Rejects where the phone cannot open the picture. */
export async function cropPicture(file: OutgoingFile, { left, top, side }: Square, mostSide: number): Promise<OutgoingFile> {
  const shown = Math.round(Math.min(side, mostSide));
  const context = ImageManipulator.manipulate(String(file.source)).crop({ originX: Math.floor(left), originY: Math.floor(top), width: Math.floor(side), height: Math.floor(side) });
  return written(file, context.resize({ width: shown, height: shown }), { mime: 'image/jpeg', width: shown, height: shown });
}

/** The picture as it is sent: the same file where it stays as it is. */
export async function shrinkPicture(file: OutgoingFile, quality: 'standard' | 'original'): Promise<OutgoingFile> {
  const { source, mime, sizeBytes, width, height } = file;
  if (!mime.startsWith('image/') || width === undefined || height === undefined) return file;
  const plan = planShrink({ mime, sizeBytes, width, height, head: headOf(new File(String(source))) }, quality);
  if (plan === null) return file;
  const shrunk = await written(file, ImageManipulator.manipulate(String(source)).resize({ width: plan.width, height: plan.height }), plan);
  return shrunk.sizeBytes < sizeBytes || plan.mime !== mime ? shrunk : file;
}

async function written(file: OutgoingFile, context: ReturnType<typeof ImageManipulator.manipulate>, { mime, width, height }: ShrinkPlan): Promise<OutgoingFile> {
  const image = await context.renderAsync();
  try {
    const { uri } = await image.saveAsync({ compress: STANDARD_QUALITY, format: FORMATS[mime] });
    return { ...file, source: uri, name: renamed(file.name, mime), mime, sizeBytes: new File(uri).size, width, height };
  } finally {
    // Bitmaps of a phone's photos are large: not when the garbage collector comes by, now.
    image.release();
    context.release();
  }
}

const FORMATS = { 'image/jpeg': SaveFormat.JPEG, 'image/png': SaveFormat.PNG, 'image/webp': SaveFormat.WEBP } as const;

function headOf(file: File): Uint8Array {
  const open = file.open();
  try {
    return open.readBytes(Math.min(HEAD_BYTES, file.size));
  } finally {
    open.close();
  }
}
