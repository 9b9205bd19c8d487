import {
  type ClientMsgId,
  type Conversation,
  type ConversationId,
  type ConversationSettings,
  CoupletError,
  type Epoch,
  type Event,
  type Message,
  type MessageId,
  type ReplyPreview,
  type SendAck,
  type Snapshot,
  type SyncPage,
  type UserId,
  uuidv7,
  type Viewer,
} from '@couplet/protocol';
import type { ClockPort, RandomPort } from '../ports/ports.ts';

interface Member {
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
  settings: Required<ConversationSettings>;
  settingsVersion: number;
}

interface Pair {
  id: ConversationId;
  createdAt: string;
  members: [Member, Member];
  messages: Message[];
}

/** What the log keeps; messages and conversations are shown as they are when the log is read. */
type Entry =
  | { type: 'chat.message.new' | 'chat.message.updated'; pair: Pair; seq: number }
  | { type: 'chat.message.delivered' | 'chat.message.read'; pair: Pair; userId: UserId; seq: number; at: string }
  | { type: 'conversation.updated'; pair: Pair };

/**
 * The rules of the server in memory, by another way than the client's: whole
 * states computed anew, nothing merged. What the client ends up with is compared
 * with what this shows.
 */
export class FakeWorld {
  epoch: Epoch;
  /** Positions up to here are gone from every log. */
  trimmedTo = 0;
  readonly viewers = new Map<UserId, Viewer>();
  readonly #pairs = new Map<ConversationId, Pair>();
  readonly #logs = new Map<UserId, Entry[]>();
  readonly #sent = new Map<string, { message: MessageId; ack: Omit<SendAck, 'duplicate'> }>();
  readonly #clock: ClockPort;
  readonly #random: RandomPort;
  #ticks = 0;
  /** Called for each event of each user's log as it happens. `by` is who caused it. */
  onEvent: (userId: UserId, event: Event, by: UserId) => void = () => undefined;

  constructor(clock: ClockPort, random: RandomPort) {
    this.#clock = clock;
    this.#random = random;
    this.epoch = this.newId() as Epoch;
  }

  newId(): string {
    return uuidv7(this.#clock.now(), (bytes) => this.#random.fill(bytes));
  }

  /** Strictly rising, with microseconds. */
  timestamp(): string {
    this.#ticks += 1;
    return new Date(this.#clock.now()).toISOString().replace('Z', `${String(this.#ticks % 1_000).padStart(3, '0')}Z`);
  }

  addUser(name: string): Viewer {
    const viewer: Viewer = {
      id: this.newId() as UserId,
      name,
      username: name.toLowerCase(),
      avatarUrl: null,
      email: null,
      phone: null,
      createdAt: this.timestamp(),
    };
    this.viewers.set(viewer.id, viewer);
    this.#logs.set(viewer.id, []);
    return viewer;
  }

  openConversation(by: UserId, peerId: UserId): ConversationId {
    const found = [...this.#pairs.values()].find(({ members }) => members.every(({ userId }) => userId === by || userId === peerId));
    if (found) return found.id;
    if (!this.viewers.has(peerId)) throw new CoupletError('not_found');
    const member = (userId: UserId): Member => ({
      userId,
      deliveredSeq: 0,
      readSeq: 0,
      settings: { pinned: false, mutedUntil: null, archived: false, draft: '' },
      settingsVersion: 0,
    });
    const pair: Pair = { id: this.newId() as ConversationId, createdAt: this.timestamp(), members: [member(by), member(peerId)], messages: [] };
    this.#pairs.set(pair.id, pair);
    for (const { userId } of pair.members) this.#append(userId, { type: 'conversation.updated', pair }, by);
    return pair.id;
  }

  send(by: UserId, input: { conversationId: ConversationId; clientMsgId: ClientMsgId; text: string; replyToId?: MessageId | undefined }): SendAck {
    const pair = this.#pair(by, input.conversationId);
    const key = `${by} ${input.clientMsgId}`;
    const before = this.#sent.get(key);
    if (before) return { ...before.ack, duplicate: true, message: messageAt(pair, before.ack.seq) };
    const seq = pair.messages.length + 1;
    const original = pair.messages.find(({ id }) => id === input.replyToId);
    const message: Message = {
      id: this.newId() as MessageId,
      conversationId: pair.id,
      seq,
      senderId: by,
      clientMsgId: input.clientMsgId,
      type: 'text',
      text: input.text,
      attachments: [],
      ...(original ? { replyTo: previewOf(original) } : {}),
      reactions: [],
      version: 0,
      createdAt: this.timestamp(),
    };
    pair.messages.push(message);
    let position = 0;
    for (const { userId } of pair.members) {
      const at = this.#append(userId, { type: 'chat.message.new', pair, seq }, by);
      if (userId === by) position = at;
    }
    const ack = { clientMsgId: message.clientMsgId, messageId: message.id, conversationId: pair.id, seq, createdAt: message.createdAt, position };
    this.#sent.set(key, { message: message.id, ack });
    return { ...ack, duplicate: false };
  }

  advance(by: UserId, kind: 'delivered' | 'read', conversationId: ConversationId, seq: number): void {
    const pair = this.#pair(by, conversationId);
    const own = memberOf(pair, by);
    const upTo = Math.min(seq, pair.messages.length);
    const before = kind === 'read' ? own.readSeq : own.deliveredSeq;
    if (upTo <= before) return;
    const at = this.timestamp();
    own.deliveredSeq = Math.max(own.deliveredSeq, upTo);
    if (kind === 'read') own.readSeq = upTo;
    pair.messages = pair.messages.map((message) => {
      if (message.senderId === by || message.seq > upTo) return message;
      const deliveredAt = message.deliveredAt ?? at;
      return kind === 'read' ? { ...message, deliveredAt, readAt: message.readAt ?? at } : { ...message, deliveredAt };
    });
    const entry = { type: `chat.message.${kind}`, pair, userId: by, seq: upTo, at } as const;
    for (const { userId } of pair.members) if (userId !== by || kind === 'read') this.#append(userId, entry, by);
  }

  /** The same text again changes nothing. */
  edit(by: UserId, messageId: MessageId, text: string): Message {
    return this.change(by, messageId, (message) => {
      if (message.senderId !== by) throw new CoupletError('forbidden');
      if (message.deletedAt !== undefined) throw new CoupletError('conflict');
      return message.text === text ? message : { ...message, text, editedAt: this.timestamp() };
    });
  }

  /** Again changes nothing. */
  delete(by: UserId, messageId: MessageId): void {
    this.change(by, messageId, (message) => {
      if (message.senderId !== by) throw new CoupletError('forbidden');
      if (message.deletedAt !== undefined) return message;
      const { text: _text, replyTo: _replyTo, ...rest } = message;
      return { ...rest, reactions: [], deletedAt: this.timestamp() };
    });
  }

  /** One reaction per person; `null` takes it back. The same again changes nothing. */
  react(by: UserId, messageId: MessageId, emoji: string | null): Message {
    return this.change(by, messageId, (message) => {
      const own = message.reactions.find(({ userId }) => userId === by)?.emoji ?? null;
      if (own === emoji) return message;
      if (message.deletedAt !== undefined) throw new CoupletError('conflict');
      const others = message.reactions.filter(({ userId }) => userId !== by);
      return { ...message, reactions: emoji === null ? others : [...others, { userId: by, emoji }] };
    });
  }

  /** One step of the message's version, unless `change` answers what it was given. */
  change(by: UserId, messageId: MessageId, change: (message: Message) => Message): Message {
    for (const pair of this.#pairs.values()) {
      const message = pair.messages.find(({ id }) => id === messageId);
      if (!message || !pair.members.some(({ userId }) => userId === by)) continue;
      const after = change(message);
      if (after === message) return message;
      const changed = { ...after, version: message.version + 1 };
      pair.messages[message.seq - 1] = changed;
      for (const { userId } of pair.members) this.#append(userId, { type: 'chat.message.updated', pair, seq: message.seq }, by);
      return changed;
    }
    throw new CoupletError('not_found');
  }

  changeSettings(by: UserId, conversationId: ConversationId, settings: ConversationSettings): Conversation {
    const pair = this.#pair(by, conversationId);
    const member = memberOf(pair, by);
    member.settings = { ...member.settings, ...settings };
    member.settingsVersion += 1;
    this.#append(by, { type: 'conversation.updated', pair }, by);
    return this.conversation(by, conversationId);
  }

  position(userId: UserId): number {
    return this.#log(userId).length;
  }

  sync(userId: UserId, since: number, limit: number): SyncPage {
    const log = this.#log(userId);
    if (since < this.trimmedTo || since > log.length) throw new CoupletError('too_old');
    const entries = log.slice(since, since + limit);
    const position = since + entries.length;
    const events = entries.map((entry, index) => this.#render(userId, entry, since + index + 1));
    return { epoch: this.epoch, events, position, hasMore: position < log.length };
  }

  /** At most so many conversations, with at most so many of their newest messages. Everything, unless told. */
  snapshot(userId: UserId, limit = { conversations: Number.MAX_SAFE_INTEGER, messagesOfEach: Number.MAX_SAFE_INTEGER }): Snapshot {
    const conversations = this.conversations(userId);
    const shown = conversations.slice(0, limit.conversations);
    return {
      epoch: this.epoch,
      position: this.position(userId),
      conversations: shown,
      messages: shown.flatMap(({ id }) => this.messages(userId, id).slice(-limit.messagesOfEach)),
      presence: [],
      nextCursor: conversations.length > limit.conversations ? String(limit.conversations) : null,
    };
  }

  conversations(userId: UserId): Conversation[] {
    return [...this.#pairs.values()]
      .filter(({ members }) => members.some((member) => member.userId === userId))
      .map((pair) => this.#view(userId, pair))
      .sort((a, b) => (a.lastActivityAt < b.lastActivityAt ? 1 : -1));
  }

  /** By the name of the conversation's channel. */
  isMember(userId: UserId, channel: string): boolean {
    return this.conversations(userId).some(({ id }) => channel === `private-chat-${id}`);
  }

  conversation(userId: UserId, id: ConversationId): Conversation {
    return this.#view(userId, this.#pair(userId, id));
  }

  /** Ascending by seq. */
  messages(userId: UserId, id: ConversationId): Message[] {
    return this.#pair(userId, id).messages;
  }

  /** As after a restore of the database: the log's numbering begins anew. */
  beginEpoch(): void {
    this.epoch = this.newId() as Epoch;
    for (const log of this.#logs.values()) log.length = 0;
  }

  #append(userId: UserId, entry: Entry, by: UserId): number {
    const log = this.#log(userId);
    log.push(entry);
    this.onEvent(userId, this.#render(userId, entry, log.length), by);
    return log.length;
  }

  #render(userId: UserId, entry: Entry, position: number): Event {
    const conversation = this.#view(userId, entry.pair);
    const { unreadCount } = conversation;
    switch (entry.type) {
      case 'chat.message.new':
      case 'chat.message.updated':
        return { type: entry.type, position, message: messageAt(entry.pair, entry.seq), unreadCount };
      case 'chat.message.delivered':
      case 'chat.message.read': {
        const { type, seq, at } = entry;
        const facts = { position, conversationId: entry.pair.id, userId: entry.userId, seq, messageId: messageAt(entry.pair, seq).id, at };
        return type === 'chat.message.read' ? { type, ...facts, unreadCount } : { type, ...facts };
      }
      case 'conversation.updated':
        return { type: entry.type, position, conversation };
    }
  }

  #view(userId: UserId, pair: Pair): Conversation {
    const own = memberOf(pair, userId);
    const other = pair.members.find((member) => member !== own) ?? own;
    const peer = this.viewers.get(other.userId);
    if (!peer) throw new CoupletError('not_found');
    const last = pair.messages.at(-1) ?? null;
    return {
      id: pair.id,
      peer: { id: peer.id, name: peer.name, username: peer.username, avatarUrl: peer.avatarUrl },
      createdAt: pair.createdAt,
      lastActivityAt: last?.createdAt ?? pair.createdAt,
      lastSeq: pair.messages.length,
      lastMessage: last,
      readSeq: own.readSeq,
      unreadCount: pair.messages.filter(({ senderId, seq, deletedAt }) => senderId !== userId && seq > own.readSeq && deletedAt === undefined).length,
      peerDeliveredSeq: other.deliveredSeq,
      peerReadSeq: other.readSeq,
      ...own.settings,
      settingsVersion: own.settingsVersion,
      blocked: false,
    };
  }

  #pair(userId: UserId, id: ConversationId): Pair {
    const pair = this.#pairs.get(id);
    if (!pair?.members.some((member) => member.userId === userId)) throw new CoupletError('not_found');
    return pair;
  }

  #log(userId: UserId): Entry[] {
    const log = this.#logs.get(userId);
    if (!log) throw new CoupletError('not_found');
    return log;
  }
}

function memberOf(pair: Pair, userId: UserId): Member {
  const member = pair.members.find((one) => one.userId === userId);
  if (!member) throw new CoupletError('not_found');
  return member;
}

function messageAt(pair: Pair, seq: number): Message {
  const message = pair.messages[seq - 1];
  if (!message) throw new CoupletError('not_found');
  return message;
}

function previewOf({ id, seq, senderId, type, text }: Message): ReplyPreview {
  return { messageId: id, seq, senderId, type, excerpt: text ?? '' };
}
