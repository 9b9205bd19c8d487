import { expect, it } from 'vitest';
import { NOON, sampleConversation, sampleMessage } from '../../../test/samples.ts';
import { isAnnounced } from './banner-policy.ts';

const conversation = sampleConversation(1, { lastSeq: 7, readSeq: 6 });
const arrival = sampleMessage(7, { conversationId: conversation.id, senderId: conversation.peer.id });
const elsewhere = { openId: null, now: NOON };

it('what somebody writes is told while one is somewhere else', () => {
  expect(isAnnounced(arrival, conversation, elsewhere)).toBe(true);
  expect(isAnnounced(arrival, conversation, { ...elsewhere, openId: sampleConversation(2).id })).toBe(true);
  expect(isAnnounced(arrival, conversation, { ...elsewhere, openId: conversation.id })).toBe(false);
});

it('muted, archived and blocked conversations are silent', () => {
  const at = (ms: number) => new Date(NOON + ms).toISOString();
  expect(isAnnounced(arrival, { ...conversation, mutedUntil: at(1) }, elsewhere)).toBe(false);
  expect(isAnnounced(arrival, { ...conversation, mutedUntil: at(-1) }, elsewhere)).toBe(true);
  expect(isAnnounced(arrival, { ...conversation, archived: true }, elsewhere)).toBe(false);
  expect(isAnnounced(arrival, { ...conversation, blocked: true }, elsewhere)).toBe(false);
});

it('own words from another device, changes, and what was read or followed by more are no arrivals', () => {
  expect(isAnnounced(sampleMessage(7), conversation, elsewhere)).toBe(false);
  expect(isAnnounced({ ...arrival, version: 1 }, conversation, elsewhere)).toBe(false);
  expect(isAnnounced(arrival, { ...conversation, readSeq: 7 }, elsewhere)).toBe(false);
  expect(isAnnounced(arrival, { ...conversation, lastSeq: 8 }, elsewhere)).toBe(false);
});
