import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDownFrame, decodeUpFrame, encodeFrame } from './codec.ts';

const send = {
  type: 'chat.message.send',
  id: 'f1',
  ts: 1,
  data: { conversationId: '0190a1b2-0000-7000-8000-00000000000a', clientMsgId: 'c1', text: 'Morning!' },
};

describe('decoding a frame', () => {
  it('gives a typed frame', () => {
    expect(decodeUpFrame(JSON.stringify(send))).toEqual({ status: 'ok', frame: send });
  });

  it('lets fields it does not know pass without a trace, so that newer peers can add some', () => {
    const decoded = decodeUpFrame(JSON.stringify({ ...send, later: 1, data: { ...send.data, alsoLater: true } }));
    expect(decoded.status === 'ok' && decoded.frame.data).toEqual(send.data);
  });

  it('reads ids in either case as the same id', () => {
    const decoded = decodeUpFrame(JSON.stringify({ ...send, data: { ...send.data, conversationId: send.data.conversationId.toUpperCase() } }));
    expect(decoded).toMatchObject({ status: 'ok', frame: { data: { conversationId: send.data.conversationId } } });
  });

  it.each([
    ['text that is not JSON', '{', 'malformed'],
    ['a number', '7', 'malformed'],
    ['an array', '[]', 'malformed'],
    ['null', 'null', 'malformed'],
    ['an object without a type', '{"id":"1"}', 'malformed'],
    ['a frame without an id', '{"type":"auth"}', 'malformed'],
    ['a type of a later version', '{"type":"chat.dance","id":"1"}', 'unknown'],
    ['a frame down, sent up', '{"type":"auth.ok","id":"1"}', 'unknown'],
    ['a send without data', '{"type":"chat.message.send","id":"1","ts":1}', 'invalid'],
    ['a blank text', JSON.stringify({ ...send, data: { ...send.data, text: ' \n ' } }), 'invalid'],
    ['neither a text nor an attachment', JSON.stringify({ ...send, data: { ...send.data, text: undefined, attachments: [] } }), 'invalid'],
    ['a NUL character', JSON.stringify({ ...send, data: { ...send.data, text: 'a\u0000b' } }), 'invalid'],
    ['8,001 characters', JSON.stringify({ ...send, data: { ...send.data, text: 'x'.repeat(8_001) } }), 'invalid'],
    ['both a conversation and a receiver', JSON.stringify({ ...send, data: { ...send.data, receiverId: send.data.conversationId } }), 'invalid'],
    ['neither a conversation nor a receiver', JSON.stringify({ ...send, data: { clientMsgId: 'c', text: 'x' } }), 'invalid'],
    ['an attachment', JSON.stringify({ ...send, data: { ...send.data, attachments: ['x'] } }), 'invalid'],
  ])('tells %s apart', (_, text, status) => {
    expect(decodeUpFrame(text).status).toBe(status);
  });

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((value) => JSON.stringify({ ...send, data: value }))), (text) => {
        expect(['ok', 'malformed', 'unknown', 'invalid']).toContain(decodeUpFrame(text).status);
        expect(['ok', 'malformed', 'unknown', 'invalid']).toContain(decodeDownFrame(text).status);
      }),
      { numRuns: 500 },
    );
  });

  it('survives JSON nested 30,000 deep', () => {
    const nested = `{"type":"chat.message.send","id":"1","ts":1,"data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    expect(decodeUpFrame(nested).status).toBe('invalid');
  });
});

it('reads back what it encoded', () => {
  const ok = { type: 'ok', id: '2', ts: 5, replyTo: 'f1', data: {} } as const;
  expect(decodeDownFrame(encodeFrame(ok))).toEqual({ status: 'ok', frame: ok });
});
