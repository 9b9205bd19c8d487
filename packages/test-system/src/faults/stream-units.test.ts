import { describe, expect, it } from 'vitest';
import { textFrame, UnitReader } from './stream-units.ts';

const REQUEST = 'POST /api/x HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello';
const UPGRADE = 'GET /ws HTTP/1.1\r\nupgrade: websocket\r\n\r\n';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
const EMPTY = 'HTTP/1.1 204 No Content\r\n\r\n';

/** Byte by byte: where the network cuts must not matter. */
function readSlowly(reader: UnitReader, bytes: Buffer) {
  return [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
}

describe('the units of a connection', () => {
  it('are the same bytes as went in, wherever the network cut them', () => {
    for (const [kind, text] of [['request', REQUEST + REQUEST], ['response', CHUNKED + EMPTY + CHUNKED]] as const) {
      const units = readSlowly(new UnitReader(kind), Buffer.from(text));
      expect(Buffer.concat(units.map(({ bytes }) => bytes)).toString()).toBe(text);
      expect(new UnitReader(kind).push(Buffer.from(text))).toHaveLength(units.length);
    }
  });

  it('are frames after an upgrade, of any size, masked or not', () => {
    const texts = ['short', 'x'.repeat(200), 'ü'.repeat(40_000)];
    for (const isMasked of [true, false]) {
      const reader = new UnitReader(isMasked ? 'request' : 'response');
      const first = isMasked ? UPGRADE : 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n';
      const [opening, ...frames] = reader.push(Buffer.concat([Buffer.from(first), ...texts.map((text) => textFrame(text, isMasked))]));
      expect(opening?.bytes.toString()).toBe(first);
      expect(frames.map((frame) => frame.type === 'frame' && frame.text)).toEqual(texts);
    }
  });

  it('unmask what a real client sends', () => {
    const reader = new UnitReader('request');
    reader.push(Buffer.from(UPGRADE));
    const mask = [1, 2, 3, 4];
    const payload = [...Buffer.from('hi!')].map((byte, index) => byte ^ (mask[index] ?? 0));
    expect(reader.push(Buffer.from([0x81, 0x83, ...mask, ...payload]))).toMatchObject([{ type: 'frame', text: 'hi!' }]);
    expect(reader.push(Buffer.from([0x89, 0x80, ...mask]))).toMatchObject([{ type: 'frame', text: null }]);
  });
});
