import { expect, test } from 'vitest';
import { isAnimated, type PictureFacts, planShrink, renamed } from './picture-kind.ts';

const MEGABYTE = 2 ** 20;
const photo: PictureFacts = { mime: 'image/jpeg', sizeBytes: 4 * MEGABYTE, width: 4_032, height: 3_024, head: new Uint8Array() };
const bytes = (...pieces: (string | number)[]) => new Uint8Array(pieces.flatMap((piece) => (typeof piece === 'number' ? [piece] : [...piece].map((letter) => letter.charCodeAt(0)))));

test('a photo is made smaller in its own shape, upright or not', () => {
  expect(planShrink(photo, 'standard')).toEqual({ mime: 'image/jpeg', width: 2_048, height: 1_536 });
  expect(planShrink({ ...photo, width: 3_024, height: 4_032 }, 'standard')).toEqual({ mime: 'image/jpeg', width: 1_536, height: 2_048 });
});

test('nothing is made larger, and what is small stays as it is', () => {
  expect(planShrink({ ...photo, width: 800, height: 600, sizeBytes: 200_000 }, 'standard')).toBeNull();
  // Small on the screen, and heavy all the same.
  expect(planShrink({ ...photo, width: 800, height: 600 }, 'standard')).toEqual({ mime: 'image/jpeg', width: 800, height: 600 });
});

test('the original is sent as it is, unless no server would show it', () => {
  expect(planShrink(photo, 'original')).toBeNull();
  expect(planShrink({ ...photo, mime: 'image/heic' }, 'original')).toEqual({ mime: 'image/jpeg', width: 4_032, height: 3_024 });
  expect(planShrink({ ...photo, mime: 'image/heic', sizeBytes: 10_000 }, 'standard')).toEqual({ mime: 'image/jpeg', width: 2_048, height: 1_536 });
});

test('transparency stays, and what is no picture of pixels is left alone', () => {
  expect(planShrink({ ...photo, mime: 'image/png' }, 'standard')?.mime).toBe('image/png');
  expect(planShrink({ ...photo, mime: 'image/webp' }, 'standard')?.mime).toBe('image/webp');
  expect(planShrink({ ...photo, mime: 'image/svg+xml' }, 'standard')).toBeNull();
  expect(planShrink({ ...photo, mime: 'application/pdf' }, 'standard')).toBeNull();
});

test('what moves goes on moving', () => {
  expect(planShrink({ ...photo, mime: 'image/gif' }, 'standard')).toBeNull();
  const moving = bytes('RIFF', 0, 0, 0, 0, 'WEBPVP8X', 10, 0, 0, 0, 0b0001_0010);
  const still = bytes('RIFF', 0, 0, 0, 0, 'WEBPVP8X', 10, 0, 0, 0, 0b0001_0000);
  expect([isAnimated('image/webp', moving), isAnimated('image/webp', still)]).toEqual([true, false]);
  expect([isAnimated('image/png', bytes(137, 'PNG..IHDR aaacTL IDAT')), isAnimated('image/png', bytes(137, 'PNG..IHDR acT IDAT'))]).toEqual([true, false]);
  expect([isAnimated('image/avif', bytes(0, 0, 0, 32, 'ftypavis')), isAnimated('image/avif', bytes(0, 0, 0, 32, 'ftypavif'))]).toEqual([true, false]);
});

test('the name tells what the file became', () => {
  expect(renamed('IMG_1.HEIC', 'image/jpeg')).toBe('IMG_1.jpg');
  expect(renamed('a.JPEG', 'image/jpeg')).toBe('a.JPEG');
  expect(renamed('a.png', 'image/png')).toBe('a.png');
  expect(renamed('no ending', 'image/webp')).toBe('no ending.webp');
});
