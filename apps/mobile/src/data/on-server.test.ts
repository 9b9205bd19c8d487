import type { Attachment } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { onServer } from './on-server.ts';

const picture: Attachment = {
  id: '0190a1b2-0000-7000-8000-00000000000c' as Attachment['id'],
  type: 'image',
  mime: 'image/jpeg',
  name: 'beach.jpg',
  sizeBytes: 3,
  url: 'http://localhost:4000/blobs/files/a/full?signature=x',
  thumbnailUrl: 'http://localhost:4000/blobs/files/a/320?signature=y',
};

it('what the server answers itself is asked for where this app reaches the server', () => {
  expect(onServer(picture, 'https://chat.example/')).toMatchObject({
    url: 'https://chat.example/blobs/files/a/full?signature=x',
    thumbnailUrl: 'https://chat.example/blobs/files/a/320?signature=y',
  });
});

it('what a CDN serves stays where it is', () => {
  const elsewhere = { ...picture, url: 'https://cdn.example/files/a/full' };
  expect(onServer(elsewhere, 'https://chat.example').url).toBe(elsewhere.url);
});
