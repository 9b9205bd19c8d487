import { expect, it } from 'vitest';
import { pushWords } from './push-words.ts';

const message = { type: 'text', text: 'Lunch?', sender_name: 'Ana' } as const;

it('says who wrote, and not what, unless it is told otherwise', () => {
  expect(pushWords('sender', message)).toEqual({ title: 'New message from Ana', body: '' });
  expect(pushWords('text', message)).toEqual({ title: 'Ana', body: 'Lunch?' });
  expect(pushWords('none', message)).toEqual({ title: 'New message', body: '' });
});

it('names what a message without a text brings', () => {
  expect(pushWords('text', { ...message, type: 'image', text: null })).toEqual({ title: 'Ana', body: 'Photo' });
});
