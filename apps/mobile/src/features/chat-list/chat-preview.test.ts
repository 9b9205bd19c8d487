import { expect, test } from 'vitest';
import { sampleConversation, sampleMessage, samplePending, VIEWER } from '../../../test/samples.ts';
import { chatPreview, type ChatPreviewInput } from './chat-preview.ts';

function preview(over: Partial<ChatPreviewInput>) {
  return chatPreview({ conversation: sampleConversation(1), viewerId: VIEWER.id, pending: [], isPeerTyping: false, isSelected: false, ...over });
}

test('typing stands before a draft, a draft before the last message', () => {
  const conversation = sampleConversation(1, { draft: 'Dear', lastMessage: sampleMessage(1) });
  expect(preview({ conversation, isPeerTyping: true })).toEqual({ type: 'typing' });
  expect(preview({ conversation })).toEqual({ type: 'draft', text: 'Dear' });
  expect(preview({ conversation, isSelected: true })).toMatchObject({ type: 'said', text: 'Message 1' });
});

test('what waits to be sent stands with its clock, what failed with its mark', () => {
  const conversation = sampleConversation(1, { lastMessage: sampleMessage(1) });
  expect(preview({ conversation, pending: [samplePending('c1')] })).toMatchObject({ text: 'On its way', tick: 'pending' });
  const failed = samplePending('c1', { state: { status: 'failed', code: 'blocked', message: 'no' } });
  expect(preview({ conversation, pending: [failed] })).toMatchObject({ tick: 'failed' });
});

test('ticks stand only before one’s own words', () => {
  const lastMessage = sampleMessage(4, { senderId: VIEWER.id });
  expect(preview({ conversation: sampleConversation(1, { lastMessage, peerDeliveredSeq: 4 }) })).toMatchObject({ tick: 'delivered' });
  expect(preview({ conversation: sampleConversation(1, { lastMessage: sampleMessage(4) }) })).toMatchObject({ tick: null });
});

test('a deleted message leaves its tombstone, without ticks', () => {
  const lastMessage = sampleMessage(4, { senderId: VIEWER.id, text: undefined, deletedAt: '2026-11-18T12:00:00.000Z' });
  expect(preview({ conversation: sampleConversation(1, { lastMessage }) })).toEqual({ type: 'said', text: 'Message deleted', tick: null, isFaint: true });
});

test('lines become one', () => {
  expect(preview({ conversation: sampleConversation(1, { lastMessage: sampleMessage(1, { text: 'a\n\n  b' }) }) })).toMatchObject({ text: 'a b' });
});
