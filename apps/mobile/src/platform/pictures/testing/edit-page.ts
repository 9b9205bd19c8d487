import type { OutgoingFile } from '@couplet/client';
import { describe, expect, it } from 'vitest';
import { type TestsInPage, testsInPage } from '../../indexed-db/testing/vitest-in-page.ts';
import { cropPicture, shrinkPicture } from '../edit-picture.web.ts';

const HEAVY_BYTES = 5_000_000;

/** Red on the left, blue on the right, as a JPEG. */
async function draw(width: number, height: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const paint = canvas.getContext('2d')!;
  paint.fillStyle = '#ff0000';
  paint.fillRect(0, 0, width / 2, height);
  paint.fillStyle = '#0000ff';
  paint.fillRect(width / 2, 0, width / 2, height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!), 'image/jpeg', 0.95));
}

/** Says, as a camera held sideways does, that the picture is to be turned right by a quarter: EXIF orientation 6. */
async function sideways(jpeg: Blob): Promise<Blob> {
  const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  return new Blob([bytes.subarray(0, 2), new Uint8Array(exif), bytes.subarray(2)], { type: 'image/jpeg' });
}

/** Said to be so heavy that making it smaller is worth it. */
function fileOf(source: Blob, width: number, height: number): OutgoingFile {
  return { source, name: 'photo.jpg', mime: source.type, sizeBytes: HEAVY_BYTES, width, height };
}

/** What a picture is at this place, by shares of its sides. */
async function colorAt({ source }: OutgoingFile, x: number, y: number): Promise<string> {
  const bitmap = await createImageBitmap(source as Blob);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const paint = canvas.getContext('2d')!;
  paint.drawImage(bitmap, 0, 0);
  const [red = 0, , blue = 0] = paint.getImageData(Math.floor(bitmap.width * x), Math.floor(bitmap.height * y), 1, 1).data;
  return red > 200 ? 'red' : blue > 200 ? 'blue' : 'neither';
}

async function sizeOf({ source }: OutgoingFile): Promise<[number, number]> {
  const { width, height } = await createImageBitmap(source as Blob);
  return [width, height];
}

describe('a picture that is sent', () => {
  it('is made smaller in its own shape, and its facts are those of what is sent', async () => {
    const shrunk = await shrinkPicture(fileOf(await draw(4_096, 1_024), 4_096, 1_024), 'standard');
    expect(await sizeOf(shrunk)).toEqual([2_048, 512]);
    expect([shrunk.width, shrunk.height, shrunk.mime, shrunk.sizeBytes === (shrunk.source as Blob).size]).toEqual([2_048, 512, 'image/jpeg', true]);
  });

  it('stands upright, however the camera was held', async () => {
    const shrunk = await shrinkPicture(fileOf(await sideways(await draw(400, 200)), 200, 400), 'standard');
    expect(await sizeOf(shrunk)).toEqual([200, 400]);
    expect([await colorAt(shrunk, 0.5, 0.1), await colorAt(shrunk, 0.5, 0.9)]).toEqual(['red', 'blue']);
  });

  it('is the very file where nothing is gained', async () => {
    const small = { ...fileOf(await draw(400, 200), 400, 200), sizeBytes: 10_000 };
    const original = fileOf(await draw(4_096, 1_024), 4_096, 1_024);
    const tight = { ...original, sizeBytes: 1_000 };
    const moving = fileOf(new Blob([new Uint8Array(10)], { type: 'image/gif' }), 4_096, 1_024);
    expect([(await shrinkPicture(small, 'standard')) === small, (await shrinkPicture(original, 'original')) === original, (await shrinkPicture(tight, 'standard')) === tight, (await shrinkPicture(moving, 'standard')) === moving]).toEqual([true, true, true, true]);
  });

  it('is cropped to what was in the window, and not enlarged', async () => {
    const left = await cropPicture(fileOf(await draw(400, 200), 400, 200), { left: 0, top: 50, side: 150 }, 1_024);
    expect(await sizeOf(left)).toEqual([150, 150]);
    expect(await colorAt(left, 0.9, 0.5)).toBe('red');
    const turned = await cropPicture(fileOf(await sideways(await draw(400, 200)), 200, 400), { left: 0, top: 200, side: 200 }, 100);
    expect(await sizeOf(turned)).toEqual([100, 100]);
    expect(await colorAt(turned, 0.5, 0.5)).toBe('blue');
  });
});

declare global {
  interface Window {
    editPage: TestsInPage;
  }
}
window.editPage = testsInPage;
