import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { MessengerEvent } from '@couplet/client';
import type { ClientMsgId, Conversation, ConversationId, Message } from '@couplet/protocol';

/** One call of `messages.send`. */
export interface SendRecord {
  /** Unique in the run; the message begins with it. */
  text: string;
  device: string;
  userId: string;
  conversationId: ConversationId;
  /** Rises with every send of this device. */
  order: number;
  /** Known once the device had written it down; a kill may come before that. */
  clientMsgId: ClientMsgId | null;
  isAcknowledged: boolean;
}

/** What may stand in a message after its author changed it; `null` is deleted. */
export type PossibleTexts = Set<string | null>;

export interface Violation {
  rule: string;
  sentence: string;
}

/** More of one rule tell nothing new and would fill the memory. */
const KEPT_VIOLATIONS = 200;

/**
 * Everything that was called and received. Line by line on the disk, so that a
 * long run costs no memory; in memory only what the rules are checked against.
 */
export class History {
  readonly file: string;
  readonly sends = new Map<string, SendRecord>();
  readonly byClientMsgId = new Map<string, SendRecord>();
  /** By the send's text: what its changes may have left. Absent: never changed. */
  readonly changes = new Map<string, PossibleTexts>();
  readonly violations: Violation[] = [];
  readonly faults = new Map<string, number>();
  /** When a server or its database was taken away, and when it was gone, epoch milliseconds. */
  readonly interruptions: number[] = [];
  received = 0;
  readonly #identities = new Map<string, { id: string; seq: number }>();
  readonly #watermarks = new Map<string, Watermarks>();
  readonly #out: WriteStream;

  constructor(file: string) {
    this.file = file;
    this.#out = createWriteStream(file);
  }

  get acknowledged(): number {
    let count = 0;
    for (const { isAcknowledged } of this.sends.values()) if (isAcknowledged) count += 1;
    return count;
  }

  note(what: string, facts: Record<string, unknown> = {}): void {
    this.#out.write(`${JSON.stringify({ at: Date.now(), what, ...facts })}\n`);
  }

  fault(kind: string, facts: Record<string, unknown> = {}, count = 1): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
    if (/server|PostgreSQL/.test(kind)) this.interrupted();
    this.note('fault', { kind, ...facts });
  }

  interrupted(): void {
    this.interruptions.push(Date.now());
  }

  violation(rule: string, sentence: string): void {
    this.note('violation', { rule, sentence });
    if (this.violations.filter((known) => known.rule === rule).length < KEPT_VIOLATIONS) this.violations.push({ rule, sentence });
  }

  /** What a device says while it runs. */
  observe(device: string, viewerId: string, event: MessengerEvent): void {
    this.received += 1;
    switch (event.type) {
      case 'messages-changed':
        this.note('messages', { device, messages: event.messages.map(({ id, seq, clientMsgId, version }) => [seq, id, clientMsgId, version]) });
        for (const message of event.messages) this.#observeMessage(device, viewerId, message);
        return;
      case 'conversations-changed':
        for (const conversation of event.conversations) this.#observeWatermarks(device, conversation);
        return;
      case 'pending-changed':
        this.note('pending', { device, pending: event.pending.map(({ clientMsgId, state }) => [clientMsgId, state.status]) });
        return;
      case 'connection-changed':
        this.note('connection', { device, state: event.state });
        return;
      case 'resynced':
        this.note('resynced', { device });
        return;
      case 'session-changed':
        this.note('session', { device, status: event.state.status });
        // Nobody signs out here: no fault may end in the sign-in screen, where the outbox is gone.
        if (event.state.status === 'signed-out' && event.state.reason !== 'none') this.violation('O2', `${device} was signed out (${event.state.reason})`);
        return;
      default:
        // Signals, which may be lost, and progress.
        return;
    }
  }

  async close(): Promise<void> {
    this.#out.end();
    await once(this.#out, 'close');
  }

  #observeMessage(device: string, viewerId: string, { id, seq, clientMsgId, senderId }: Message): void {
    const known = this.#identities.get(clientMsgId);
    if (known === undefined) this.#identities.set(clientMsgId, { id, seq });
    else if (known.id !== id || known.seq !== seq) {
      this.violation('D3', `${device} shows ${clientMsgId} as ${id} with seq ${seq}; elsewhere it was ${known.id} with seq ${known.seq}`);
    }
    const record = this.byClientMsgId.get(clientMsgId);
    if (record !== undefined && senderId === viewerId && record.device === device) record.isAcknowledged = true;
  }

  #observeWatermarks(device: string, conversation: Conversation): void {
    const { id, readSeq, peerDeliveredSeq, peerReadSeq, lastSeq } = conversation;
    const key = `${device} ${id}`;
    const before = this.#watermarks.get(key);
    if (before !== undefined) {
      if (peerDeliveredSeq < before.peerDeliveredSeq) this.violation('C1', `${device}: delivered fell from ${before.peerDeliveredSeq} to ${peerDeliveredSeq} in ${id}`);
      if (peerReadSeq < before.peerReadSeq) this.violation('C1', `${device}: the peer's read fell from ${before.peerReadSeq} to ${peerReadSeq} in ${id}`);
      if (readSeq < before.readSeq) this.violation('C1', `${device}: the own read fell from ${before.readSeq} to ${readSeq} in ${id}`);
    }
    if (peerReadSeq > peerDeliveredSeq || peerDeliveredSeq > lastSeq) {
      this.violation('C1', `${device}: read ${peerReadSeq}, delivered ${peerDeliveredSeq}, last ${lastSeq} in ${id}`);
    }
    this.#watermarks.set(key, { readSeq, peerDeliveredSeq, peerReadSeq });
  }
}

interface Watermarks {
  readSeq: number;
  peerDeliveredSeq: number;
  peerReadSeq: number;
}
