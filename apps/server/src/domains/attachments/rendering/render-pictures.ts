import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

/** What is made of a picture: the whole of it, cleaned, and smaller ones; the number is the longer side in pixels. */
export type Variant = 'full' | '1280' | '320' | '512' | '96';

export interface RenderRequest {
  source: string;
  folder: string;
  kind: 'attachment' | 'avatar';
}

export interface RenderedFile {
  variant: Variant;
  path: string;
  contentType: string;
  sizeBytes: number;
}

export interface Rendered {
  /** As it is shown: the camera's orientation applied. */
  width: number;
  height: number;
  /** ThumbHash, base64. */
  placeholder: string;
  files: RenderedFile[];
}

/** Twice the screen of a large phone; what is above is a bomb or a scan to send as a file. */
const MOST_PIXELS = 32_000_000;
/** What a ThumbHash is made of at most. */
const PLACEHOLDER_SIDE = 100;
/** Nobody tells it from the original on a screen; what came from a camera gets a third smaller. */
const FULL_QUALITY = 90;
const SMALLER_QUALITY = 80;

// Only these decoders may run, whatever the bytes look like: no SVG, PDF or other formats with a past.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif', 'VipsForeignLoadHeif'] });
// One picture at a time on one core, and nothing of it kept.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Everything people will see of a picture, written anew: of the uploaded bytes
 * nothing but the pixels is left, so no place, no camera, nothing hidden behind
 * the picture. Of an animation, the first frame.
 */
export async function renderPictures(request: RenderRequest): Promise<Rendered> {
  const { source, kind } = request;
  const { width, height, hasAlpha } = await measure(source);
  const files: RenderedFile[] = [];
  if (kind === 'avatar') {
    for (const side of [512, 96] as const) files.push(await write(request, String(side) as Variant, squared(source, side), false, SMALLER_QUALITY));
  } else {
    files.push(await write(request, 'full', open(source), hasAlpha, FULL_QUALITY));
    for (const side of [1280, 320] as const) {
      files.push(await write(request, String(side) as Variant, within(source, side), hasAlpha, SMALLER_QUALITY));
    }
  }
  return { width, height, placeholder: await placeholderOf(source), files };
}

async function measure(source: string): Promise<{ width: number; height: number; hasAlpha: boolean }> {
  const { width, height, autoOrient, hasAlpha } = await open(source).metadata();
  if (width * height > MOST_PIXELS) throw new Error(`More than ${MOST_PIXELS} pixels`);
  return { width: autoOrient.width, height: autoOrient.height, hasAlpha };
}

function open(source: string): Sharp {
  return sharp(source, { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1, autoOrient: true, sequentialRead: true });
}

function within(source: string, side: number): Sharp {
  return open(source).resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
}

function squared(source: string, side: number): Sharp {
  return open(source).resize({ width: side, height: side, fit: 'cover' }).flatten({ background: '#ffffff' });
}

async function write({ folder }: RenderRequest, variant: Variant, picture: Sharp, hasAlpha: boolean, quality: number): Promise<RenderedFile> {
  const path = join(folder, variant);
  const encoded = hasAlpha ? picture.webp({ quality }) : picture.jpeg({ quality });
  const { size } = await encoded.toFile(path);
  return { variant, path, contentType: hasAlpha ? 'image/webp' : 'image/jpeg', sizeBytes: size };
}

async function placeholderOf(source: string): Promise<string> {
  const { data, info } = await within(source, PLACEHOLDER_SIDE).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}
