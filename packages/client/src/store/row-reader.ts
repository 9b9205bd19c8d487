import {
  type Conversation,
  clientMsgIdSchema,
  conversationIdSchema,
  conversationSchema,
  conversationSettingsSchema,
  epochSchema,
  errorCodeSchema,
  type Message,
  messageIdSchema,
  messageSchema,
  replyPreviewSchema,
  userIdSchema,
} from '@couplet/protocol';
import type { ChangeEntry, ChangeTarget, ChangeWish, MessageEntry, OutboxEntry, SendState, Sending } from '../outbox/outbox-entry.ts';
import type { Report } from '../problem-log.ts';
import { type Parser, salvage } from '../salvage.ts';
import { readPendingUpload } from '../uploads/pending-upload.ts';
import { EMPTY_LOG, type LogState, type PendingReceipts, type PendingSettings, type ReadingPlace } from './store.ts';

/**
 * Reads rows of a durable store: written by this version of the app, by another
 * one, or damaged. What cannot be read is `null` and reported, and never rejects.
 *
 * What the server can give again is held to its schema. What the person wrote is
 * read as leniently as it can still be sent: bookkeeping that does not fit takes
 * the value of a message just written.
 */
export class RowReader {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  log(value: unknown): LogState {
    if (value === undefined) return EMPTY_LOG;
    const row = fieldsOf(value);
    // The owner for itself: a damaged position must not make the device nobody's, whose outbox would be wiped.
    const owner = parsed(userIdSchema, row['owner']);
    const epoch = parsed(epochSchema, row['epoch']);
    const { position, olderConversations } = row;
    if (!isCount(position) || (epoch === null && row['epoch'] !== null)) return { ...EMPTY_LOG, owner };
    return { owner, epoch, position, olderConversations: typeof olderConversations === 'string' ? olderConversations : null };
  }

  conversation(value: unknown): Conversation | null {
    return this.#row('conversation', conversationSchema, value);
  }

  message(value: unknown): Message | null {
    return this.#row('message', messageSchema, value);
  }

  /** A row without a type is of a version whose outbox held messages alone. */
  outboxEntry(value: unknown): OutboxEntry | null {
    const row = fieldsOf(value);
    const type = row['type'] ?? 'message';
    const entry = type === 'message' ? messageEntry(row) : changeEntry(row, type);
    return entry ?? this.#refuse('outbox entry');
  }

  receipts(value: unknown): PendingReceipts | null {
    const row = fieldsOf(value);
    const conversationId = parsed(conversationIdSchema, row['conversationId']);
    const { deliveredSeq, readSeq } = row;
    if (conversationId === null || !isCount(deliveredSeq) || !isCount(readSeq)) return this.#refuse('receipts');
    return { conversationId, deliveredSeq, readSeq };
  }

  settings(value: unknown): PendingSettings | null {
    const row = fieldsOf(value);
    const conversationId = parsed(conversationIdSchema, row['conversationId']);
    const settings = parsed(conversationSettingsSchema, row['settings']);
    if (conversationId === null || settings === null) return this.#refuse('settings');
    return { conversationId, settings };
  }

  place(value: unknown): ReadingPlace | null {
    const { seq, offset } = fieldsOf(value);
    if (!isCount(seq) || typeof offset !== 'number' || !Number.isFinite(offset)) return this.#refuse('reading place');
    return { seq, offset };
  }

  #row<Row>(kind: string, schema: Parser<Row>, value: unknown): Row | null {
    const result = salvage(schema, value);
    if (result.status === 'parsed') return result.value;
    return this.#refuse(kind, result.reason);
  }

  #refuse(kind: string, reason = 'does not fit'): null {
    this.#report('device database', `a stored ${kind} could not be read: ${reason}`);
    return null;
  }
}

/** The rows that could be read, in the same order. */
export function readable<Value, Row>(values: readonly Value[], read: (value: Value) => Row | null): Row[] {
  return values.flatMap((value) => {
    const row = read(value);
    return row === null ? [] : [row];
  });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function parsed<Output>(schema: Parser<Output>, value: unknown): Output | null {
  const result = schema.safeParse(value);
  return result.success ? result.data : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function messageEntry(row: Record<string, unknown>): MessageEntry | null {
  const clientMsgId = parsed(clientMsgIdSchema, row['clientMsgId']);
  const conversationId = parsed(conversationIdSchema, row['conversationId']);
  const senderId = parsed(userIdSchema, row['senderId']);
  const { text, createdAt } = row;
  if (clientMsgId === null || conversationId === null || senderId === null || typeof text !== 'string') return null;
  const replyTo = parsed(replyPreviewSchema, row['replyTo']);
  return {
    type: 'message',
    clientMsgId,
    conversationId,
    senderId,
    text,
    ...(replyTo === null ? {} : { replyTo }),
    ...(Array.isArray(row['uploads']) ? { uploads: row['uploads'].flatMap((upload) => readPendingUpload(upload) ?? []) } : {}),
    ...(row['sendsAnyway'] === true ? { sendsAnyway: true as const } : {}),
    createdAt: isCount(createdAt) ? createdAt : 0,
    ...sendingOf(row, clientMsgId),
  };
}

function changeEntry(row: Record<string, unknown>, type: unknown): ChangeEntry | null {
  const { id, createdAt } = row;
  const conversationId = parsed(conversationIdSchema, row['conversationId']);
  const target = changeTarget(row['target']);
  const wish = changeWish(row, type);
  if (typeof id !== 'string' || conversationId === null || target === null || wish === null) return null;
  return { ...wish, conversationId, target, createdAt: isCount(createdAt) ? createdAt : 0, ...sendingOf(row, id) };
}

function changeTarget(value: unknown): ChangeTarget | null {
  const row = fieldsOf(value);
  const senderId = parsed(userIdSchema, row['senderId']);
  const clientMsgId = parsed(clientMsgIdSchema, row['clientMsgId']);
  if (senderId === null || clientMsgId === null) return null;
  return { senderId, clientMsgId, messageId: parsed(messageIdSchema, row['messageId']) };
}

function changeWish({ text, userId, emoji, before }: Record<string, unknown>, type: unknown): ChangeWish | null {
  switch (type) {
    case 'edit':
      return typeof text === 'string' ? { type, text } : null;
    case 'delete':
      return { type };
    case 'reaction': {
      const by = parsed(userIdSchema, userId);
      if (by === null || (typeof emoji !== 'string' && emoji !== null)) return null;
      return { type, userId: by, emoji, before: typeof before === 'string' ? before : null };
    }
    default:
      return null;
  }
}

function sendingOf({ state, order, attempts, notBefore, heldUntil, mayBeStored }: Record<string, unknown>, id: string): Sending & { state: SendState } {
  return {
    id,
    state: sendState(state),
    order: isCount(order) ? order : 0,
    attempts: isCount(attempts) ? attempts : 0,
    notBefore: isCount(notBefore) ? notBefore : 0,
    heldUntil: isCount(heldUntil) ? heldUntil : 0,
    // Where it is not known it is as if it had gone out: its text stays what may have been stored.
    mayBeStored: mayBeStored !== false,
  };
}

function sendState(value: unknown): SendState {
  const { status, code, message } = fieldsOf(value);
  if (status === 'sending') return { status };
  const failure = parsed(errorCodeSchema, code);
  if (status === 'failed' && failure !== null) return { status, code: failure, message: String(message) };
  return { status: 'queued' };
}
