/** A piece of a connection's bytes that means something by itself. */
export type StreamUnit =
  | { type: 'request' | 'response'; bytes: Buffer; head: string }
  /** `text` is null for anything but a whole text frame. */
  | { type: 'frame'; bytes: Buffer; text: string | null };

/**
 * Cuts one direction of a connection into requests, answers and WebSocket
 * frames. HTTP/1.1 with a length or in chunks, until an upgrade; RFC 6455 after it.
 */
export class UnitReader {
  readonly #kind: 'request' | 'response';
  #rest: Buffer = Buffer.alloc(0);
  #speaks: 'http' | 'frames' = 'http';

  constructor(kind: 'request' | 'response') {
    this.#kind = kind;
  }

  /** The units that these bytes complete. */
  push(chunk: Buffer): StreamUnit[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const units: StreamUnit[] = [];
    for (;;) {
      const unit = this.#speaks === 'http' ? this.#takeMessage() : this.#takeFrame();
      if (unit === null) return units;
      units.push(unit);
    }
  }

  #takeMessage(): StreamUnit | null {
    const headEnd = this.#rest.indexOf(HEAD_END);
    if (headEnd < 0) return null;
    const bodyAt = headEnd + HEAD_END.length;
    const head = this.#rest.subarray(0, headEnd).toString('latin1');
    const end = this.#endOfBody(head, bodyAt);
    if (end === null || end > this.#rest.length) return null;
    const bytes = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    if (this.#kind === 'request' ? /^upgrade: *websocket/im.test(head) : /^HTTP\/1\.1 101 /.test(head)) this.#speaks = 'frames';
    return { type: this.#kind, bytes, head };
  }

  #endOfBody(head: string, bodyAt: number): number | null {
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length !== undefined) return bodyAt + Number(length);
    if (!/^transfer-encoding: *chunked/im.test(head)) return bodyAt;
    for (let at = bodyAt; ; ) {
      const lineEnd = this.#rest.indexOf('\r\n', at);
      if (lineEnd < 0) return null;
      const size = Number.parseInt(this.#rest.subarray(at, lineEnd).toString('latin1'), 16);
      at = lineEnd + 2 + size + 2;
      if (size === 0 || Number.isNaN(size)) return at;
    }
  }

  #takeFrame(): StreamUnit | null {
    const bytes = this.#rest;
    if (bytes.length < 2) return null;
    const [first = 0, second = 0] = bytes;
    const isMasked = (second & 0x80) !== 0;
    let length = second & 0x7f;
    let at = 2;
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      length = Number(bytes.readBigUInt64BE(2));
      at = 10;
    }
    const payloadAt = isMasked ? at + 4 : at;
    const end = payloadAt + length;
    if (bytes.length < end) return null;
    this.#rest = bytes.subarray(end);
    const frame = bytes.subarray(0, end);
    if (first !== WHOLE_TEXT) return { type: 'frame', bytes: frame, text: null };
    const payload = Buffer.from(frame.subarray(payloadAt));
    if (isMasked) for (let index = 0; index < length; index += 1) payload[index] = (payload[index] ?? 0) ^ (frame[at + (index & 3)] ?? 0);
    return { type: 'frame', bytes: frame, text: payload.toString('utf8') };
  }
}

/** A whole text frame. One from a client is masked (RFC 6455 §5.3); a mask of zeros leaves the text as it is. */
export function textFrame(text: string, isMasked: boolean): Buffer {
  const payload = Buffer.from(text, 'utf8');
  const flag = isMasked ? 0x80 : 0;
  const head =
    payload.length < 126
      ? Buffer.from([WHOLE_TEXT, flag | payload.length])
      : payload.length < 65_536
        ? Buffer.from([WHOLE_TEXT, flag | 126, payload.length >> 8, payload.length & 0xff])
        : longHead(flag, payload.length);
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), payload]);
}

function longHead(flag: number, length: number): Buffer {
  const head = Buffer.alloc(10);
  head[0] = WHOLE_TEXT;
  head[1] = flag | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** FIN and opcode 1. */
const WHOLE_TEXT = 0x81;
