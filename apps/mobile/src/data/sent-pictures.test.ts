import { expect, it } from 'vitest';
import { SentPictures } from './sent-pictures.ts';

function held(released: string[], url: string) {
  return { url, release: () => void released.push(url) };
}

it('shows what was sent for a while after it left, and lets go of what left first', () => {
  const released: string[] = [];
  const pictures = new SentPictures();
  const leave = Array.from({ length: 22 }, (_, index) => pictures.hold('m', index, held(released, `blob:${index}`)));
  for (const each of leave) each();
  expect(released).toEqual(['blob:0', 'blob:1']);
  expect([pictures.urlOf('m', 1), pictures.urlOf('m', 2), pictures.urlOf('other', 2)]).toEqual([null, 'blob:2', null]);
});

it('keeps what waits, however much leaves, and takes the newer one of the same picture', () => {
  const released: string[] = [];
  const pictures = new SentPictures();
  const leaveEarlier = pictures.hold('m', 0, held(released, 'blob:earlier'));
  leaveEarlier();
  pictures.hold('m', 0, held(released, 'blob:again'));
  leaveEarlier();
  for (let index = 1; index <= 30; index += 1) pictures.hold('m', index, held([], ''))();
  expect(pictures.urlOf('m', 0)).toBe('blob:again');
  expect(released).toEqual(['blob:earlier']);
  pictures.clear();
  expect(pictures.urlOf('m', 0)).toBe(null);
  expect(released).toEqual(['blob:earlier', 'blob:again']);
});
