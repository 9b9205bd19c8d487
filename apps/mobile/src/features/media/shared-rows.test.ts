import type { Attachment, Message } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { fileRows, mediaRows, type SharedRow } from './shared-rows.ts';

const message = (createdAt: string, ...kinds: [string, Attachment['type']][]) => ({ createdAt, attachments: kinds.map(([id, type]) => ({ id, type })) }) as Message;
const messages = [
  message('2026-03-20T12:00:00Z', ['a', 'image'], ['b', 'video'], ['c', 'file']),
  message('2026-03-10T12:00:00Z', ['d', 'image']),
  message('2026-02-10T12:00:00Z', ['e', 'file']),
  message('2026-01-10T12:00:00Z', ['f', 'image']),
];
const told = (rows: SharedRow[]) =>
  rows.map((row) => {
    switch (row.type) {
      case 'month':
        return new Date(row.at).getMonth() + 1;
      case 'media':
        return row.entries.map(({ attachment }) => attachment.id).join('');
      case 'file':
        return row.entry.attachment.id;
    }
  });

it('pictures and videos stand in rows under their months, without the months that have none', () => {
  expect(told(mediaRows(messages, 2))).toEqual([3, 'ab', 'd', 1, 'f']);
  expect(told(mediaRows(messages, 3))).toEqual([3, 'abd', 1, 'f']);
});

it('files stand one under the other', () => {
  expect(told(fileRows(messages))).toEqual([3, 'c', 2, 'e']);
});
