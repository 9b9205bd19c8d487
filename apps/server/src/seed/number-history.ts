import type { ConversationId, MessageId, Reaction, UserId } from '@couplet/protocol';
import { hourOf, type Micros } from '../database/timestamps.ts';
import type { ImaginedConversation, ImaginedWorld, Occurrence } from './imagined.ts';

export interface ConversationRow {
  id: ConversationId;
  userAId: UserId;
  userBId: UserId;
  initiatorId: UserId;
  createdAt: Micros;
  lastSeq: number;
  lastActivityAt: Micros;
  activityHour: Micros;
  unreadA: number;
  unreadB: number;
}

export interface MemberRow {
  conversationId: ConversationId;
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
}

export interface MessageRow {
  id: MessageId;
  conversationId: ConversationId;
  seq: number;
  senderId: UserId;
  receiverId: UserId;
  text: string;
  replyToId: MessageId | null;
  reactions: Reaction[];
  version: number;
  createdAt: Micros;
  senderPosition: number;
  receiverPosition: number;
}

export interface AdvanceRow {
  conversationId: ConversationId;
  userId: UserId;
  kind: 'delivered' | 'read';
  seq: number;
  at: Micros;
}

export interface EventRow {
  userId: UserId;
  position: number;
  type: 'conversation.updated' | 'chat.message.updated' | 'chat.message.delivered' | 'chat.message.read';
  conversationId: ConversationId;
  messageId: MessageId | null;
  memberId: UserId | null;
  seq: number | null;
  at: Micros;
}

/** What the tables hold after a history, numbered as the write path would have numbered it. */
export interface History {
  lastPositions: Map<UserId, number>;
  conversations: ConversationRow[];
  members: MemberRow[];
  messages: MessageRow[];
  advances: AdvanceRow[];
  events: EventRow[];
}

interface Running {
  imagined: ImaginedConversation;
  row: ConversationRow;
  members: Map<UserId, MemberRow>;
}

/** Lives through the world once, in the order of time, and numbers what happens: seq per conversation, position per user. */
export function numberHistory(world: ImaginedWorld): History {
  const history: History = { lastPositions: new Map(), conversations: [], members: [], messages: [], advances: [], events: [] };
  for (const user of world.users) history.lastPositions.set(user.id, 0);
  const running = world.conversations.map((imagined) => open(imagined, history));
  const messages = new Map<MessageId, MessageRow>();
  const steps = running.flatMap((conversation) => [
    { at: conversation.imagined.createdAt, conversation, occurrence: null },
    ...conversation.imagined.occurrences.map((occurrence) => ({ at: occurrence.at, conversation, occurrence })),
  ]);
  // Stable: what happened at the same moment keeps the order of its conversation.
  steps.sort((left, right) => left.at - right.at);
  for (const { conversation, occurrence } of steps) {
    if (occurrence === null) appendEvent(history, conversation.row.initiatorId, 'conversation.updated', conversation.row, { at: conversation.imagined.createdAt });
    else live(history, conversation, occurrence, messages);
  }
  return history;
}

function open(imagined: ImaginedConversation, history: History): Running {
  const [userAId, userBId] = imagined.initiatorId < imagined.peerId ? [imagined.initiatorId, imagined.peerId] : [imagined.peerId, imagined.initiatorId];
  const row: ConversationRow = {
    id: imagined.id,
    userAId,
    userBId,
    initiatorId: imagined.initiatorId,
    createdAt: imagined.createdAt,
    lastSeq: 0,
    lastActivityAt: imagined.createdAt,
    activityHour: hourOf(imagined.createdAt),
    unreadA: 0,
    unreadB: 0,
  };
  const members = new Map([userAId, userBId].map((userId) => [userId, { conversationId: imagined.id, userId, deliveredSeq: 0, readSeq: 0 }]));
  history.conversations.push(row);
  history.members.push(...members.values());
  return { imagined, row, members };
}

function live(history: History, { row, members }: Running, occurrence: Occurrence, messages: Map<MessageId, MessageRow>): void {
  switch (occurrence.type) {
    case 'said': {
      // The one who did not begin the conversation learns of it with its first message.
      if (row.lastSeq === 0) {
        const newcomer = row.initiatorId === row.userAId ? row.userBId : row.userAId;
        appendEvent(history, newcomer, 'conversation.updated', row, { at: occurrence.at });
      }
      row.lastSeq += 1;
      row.lastActivityAt = occurrence.at;
      row.activityHour = hourOf(occurrence.at);
      if (occurrence.senderId === row.userAId) row.unreadB += 1;
      else row.unreadA += 1;
      const message: MessageRow = {
        id: occurrence.messageId,
        conversationId: row.id,
        seq: row.lastSeq,
        senderId: occurrence.senderId,
        receiverId: occurrence.receiverId,
        text: occurrence.text,
        replyToId: occurrence.replyToId,
        reactions: [],
        version: 0,
        createdAt: occurrence.at,
        senderPosition: nextPosition(history, occurrence.senderId),
        receiverPosition: nextPosition(history, occurrence.receiverId),
      };
      messages.set(message.id, message);
      history.messages.push(message);
      return;
    }
    case 'delivered':
    case 'read': {
      const member = members.get(occurrence.by);
      const message = messages.get(occurrence.messageId);
      if (!member || !message) throw new RangeError('A receipt names a stranger or a message that nobody sent');
      const { seq } = message;
      const receipt = { messageId: message.id, memberId: occurrence.by, seq, at: occurrence.at };
      if (seq > member.deliveredSeq) {
        member.deliveredSeq = seq;
        history.advances.push({ conversationId: row.id, userId: occurrence.by, kind: 'delivered', seq, at: occurrence.at });
      }
      if (occurrence.type === 'read') {
        member.readSeq = seq;
        history.advances.push({ conversationId: row.id, userId: occurrence.by, kind: 'read', seq, at: occurrence.at });
        if (occurrence.by === row.userAId) row.unreadA = 0;
        else row.unreadB = 0;
        appendEvent(history, occurrence.by, 'chat.message.read', row, receipt);
      }
      appendEvent(history, occurrence.peerId, `chat.message.${occurrence.type}`, row, receipt);
      return;
    }
    case 'reacted': {
      const message = messages.get(occurrence.messageId);
      if (!message) throw new RangeError('A reaction names a message that nobody sent');
      message.reactions.push({ userId: occurrence.by, emoji: occurrence.emoji });
      message.version += 1;
      for (const userId of [occurrence.by, occurrence.peerId]) {
        appendEvent(history, userId, 'chat.message.updated', row, { messageId: message.id, at: occurrence.at });
      }
    }
  }
}

function appendEvent(
  history: History,
  userId: UserId,
  type: EventRow['type'],
  conversation: ConversationRow,
  rest: { at: Micros; messageId?: MessageId; memberId?: UserId; seq?: number },
): void {
  history.events.push({
    userId,
    position: nextPosition(history, userId),
    type,
    conversationId: conversation.id,
    messageId: rest.messageId ?? null,
    memberId: rest.memberId ?? null,
    seq: rest.seq ?? null,
    at: rest.at,
  });
}

function nextPosition(history: History, userId: UserId): number {
  const next = (history.lastPositions.get(userId) ?? 0) + 1;
  history.lastPositions.set(userId, next);
  return next;
}
