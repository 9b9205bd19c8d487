import { type ClientMsgId, type ConversationId, CoupletError, type ErrorCode } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { sampleChange, sampleEntry, sampleId, VIEWER_ID } from '../testing/index.ts';
import type { MessageEntry, OutboxEntry, SendState } from './outbox-entry.ts';
import { afterFailure, dueAgain, dueNow, goneOut, planOutbox } from './outbox-policy.ts';

const failed: SendState = { status: 'failed', code: 'blocked', message: '' };
const inConversation = (order: number, conversation: number, change: Partial<MessageEntry> = {}) =>
  sampleEntry(order, { conversationId: sampleId('b', conversation) as ConversationId, ...change });
const orders = (entries: readonly OutboxEntry[]) => entries.map(({ order }) => order);

describe('what goes out next', () => {
  it('is the first of each conversation, and no second one beside it', () => {
    const entries = [inConversation(1, 1), inConversation(2, 1), inConversation(3, 2), inConversation(4, 2)];
    expect(orders(planOutbox(entries, 0).send)).toEqual([1, 3]);
    const sending = [inConversation(1, 1, { state: { status: 'sending' } }), ...entries.slice(1)];
    expect(orders(planOutbox(sending, 0).send)).toEqual([3]);
  });

  it('passes by an entry that failed, and waits behind one that will be tried again', () => {
    expect(orders(planOutbox([sampleEntry(1, { state: failed }), sampleEntry(2)], 0).send)).toEqual([2]);
    expect(planOutbox([sampleEntry(1, { notBefore: 500 }), sampleEntry(2)], 100)).toEqual({ send: [], wakeAt: 500 });
  });

  it('passes by a change of a message that failed, which waits for it, and not what was written after', () => {
    const waiting = sampleChange(2, 1, { type: 'edit', text: 'better' }, { target: { senderId: VIEWER_ID, clientMsgId: 'entry-1' as ClientMsgId, messageId: null } });
    expect(orders(planOutbox([sampleEntry(1, { state: failed }), waiting, sampleEntry(3)], 0).send)).toEqual([3]);
    expect(orders(planOutbox([waiting, sampleEntry(3)], 0).send)).toEqual([2]);
  });

  it('is of at most four conversations at a time', () => {
    const entries = Array.from({ length: 6 }, (_, index) => inConversation(index + 1, index + 1));
    expect(orders(planOutbox(entries, 0).send)).toEqual([1, 2, 3, 4]);
    const sending = entries.map((entry, index) => (index < 3 ? { ...entry, state: { status: 'sending' } as const } : entry));
    expect(orders(planOutbox(sending, 0).send)).toEqual([4]);
  });

  it('tells when the first waiting one is due', () => {
    expect(planOutbox([inConversation(1, 1, { notBefore: 900 }), inConversation(2, 2, { notBefore: 400 })], 0).wakeAt).toBe(400);
    expect(planOutbox([], 0)).toEqual({ send: [], wakeAt: null });
  });
});

describe('after a try without acknowledgement', () => {
  it('an entry is tried again without end, further apart up to a minute', () => {
    let entry = sampleEntry(1, { state: { status: 'sending' } });
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 40; attempt += 1) {
      entry = afterFailure(entry, new CoupletError('unavailable'), 0, 0.999);
      expect(entry.state).toEqual({ status: 'queued' });
      delays.push(entry.notBefore);
    }
    expect(delays.slice(0, 3)).toEqual([999, 1_998, 3_996]);
    expect(Math.max(...delays)).toBe(59_940);
    expect(entry.attempts).toBe(40);
  });

  it('waits at least as long as the server asked, also over another connection', () => {
    const limited = afterFailure(sampleEntry(1), new CoupletError('rate_limited', '', { retryAfterMs: 7_000 }), 1_000, 0);
    expect([limited.notBefore, dueAgain(limited).notBefore]).toEqual([8_000, 8_000]);
    const cut = afterFailure(limited, new CoupletError('unavailable'), 8_000, 0.5);
    expect([cut.notBefore, dueAgain(cut).notBefore]).toEqual([9_000, 0]);
  });

  it('stops for good, visibly and with its text, when the message itself was refused', () => {
    for (const code of ['blocked', 'not_found', 'forbidden', 'validation_failed'] satisfies ErrorCode[]) {
      const after = afterFailure(sampleEntry(1), new CoupletError(code, 'why'), 0, 0);
      expect(after).toMatchObject({ state: { status: 'failed', code, message: 'why' }, text: 'entry 1' });
    }
  });

  it('waits for the session or the app to mend, and for errors that nobody foresaw', () => {
    const errors = [...(['not_authenticated', 'session_revoked', 'protocol_outdated', 'internal'] as const).map((code) => new CoupletError(code)), new Error('bug')];
    for (const error of errors) expect(afterFailure(sampleEntry(1), error, 0, 0).state).toEqual({ status: 'queued' });
  });

  it('it is known whether the server may have carried it out: not before it went out, nor after a refusal', () => {
    const sent = goneOut(sampleEntry(1));
    expect(sent).toEqual(sampleEntry(1, { mayBeStored: true, state: { status: 'sending' } }));
    expect(afterFailure(sent, new CoupletError('unavailable'), 0, 0).mayBeStored).toBe(true);
    expect(afterFailure(sent, new CoupletError('blocked'), 0, 0).mayBeStored).toBe(false);
  });

  it('a retry by hand keeps its identity and its place', () => {
    const entry = sampleEntry(3, { state: failed, attempts: 5, notBefore: 9 });
    expect(dueNow(entry)).toEqual(sampleEntry(3));
  });
});
