import type { ConnectionState, MessagePage, MessagePageQuery, Messenger, MessengerEvent, PendingMessage, SessionState } from '@couplet/client';
import type { ClientMsgId, Conversation, ConversationId, Message, MessageId, Presence, User, UserId } from '@couplet/protocol';
import { PREVIEW_PEOPLE, previewMessages } from './preview-people.ts';
import { sampleConversation, sampleId, SESSION_ID, VIEWER } from './samples.ts';

export { CoupletError } from '@couplet/protocol';

/**
 * Stands in for `@couplet/client` in `npm run preview`: an in-memory messenger
 * with sample conversations, for looking at screens. The address chooses what it
 * shows: `?signed-out`, `?offline`, `?empty`.
 */
const scene = new URLSearchParams(globalThis.location?.search ?? '');

/** Nothing goes wrong in the preview. */
export class ProblemLog {
  readonly report = () => undefined;
}

/** The preview's messenger keeps everything itself. */
export function createMemoryStore(): null {
  return null;
}

export function createMessenger(): Messenger {
  const listeners = new Set<(event: MessengerEvent) => void>();
  const emit = (event: MessengerEvent) => listeners.forEach((listener) => listener(event));
  const messages = new Map<ConversationId, Message[]>();
  const pending = new Map<ConversationId, PendingMessage[]>();
  const conversations = new Map<ConversationId, Conversation>();
  let session: SessionState = scene.has('signed-out') ? { status: 'signed-out', reason: 'none' } : { status: 'signed-in', viewer: VIEWER, sessionId: SESSION_ID };
  const connection: ConnectionState = scene.has('offline')
    ? { status: 'offline', attempt: 1, retryAt: null, reason: 'no network' }
    : { status: 'online', connectionId: 'preview', since: Date.now(), phase: 'live' };
  let nextId = 50_000;

  if (!scene.has('empty')) PREVIEW_PEOPLE.forEach((person, index) => {
    const conversation = sampleConversation(index, { peer: person.user, ...person.conversation });
    const said = previewMessages(person, conversation.id);
    const last = said.at(-1);
    messages.set(conversation.id, said);
    conversations.set(conversation.id, { ...conversation, lastMessage: last ?? null, lastSeq: said.length, lastActivityAt: last?.createdAt ?? conversation.lastActivityAt, readSeq: said.length - conversation.unreadCount });
    if (person.pending) pending.set(conversation.id, person.pending(conversation.id));
  });

  function find({ q, conversationId }: { q: string; conversationId?: ConversationId }): Message[] {
    const said = conversationId === undefined ? [...messages.values()].flat() : (messages.get(conversationId) ?? []);
    return said.filter((message) => message.text?.toLowerCase().includes(q.toLowerCase())).slice(-20).reverse();
  }

  function change(id: ConversationId, over: Partial<Conversation>): Conversation {
    const known = conversations.get(id);
    if (!known) throw new Error('no such conversation');
    const next = { ...known, ...over };
    conversations.set(id, next);
    emit({ type: 'conversations-changed', conversations: [next] });
    return next;
  }

  function say(conversationId: ConversationId, senderId: UserId, over: Partial<Message>): void {
    const said = messages.get(conversationId) ?? [];
    const message: Message = { id: sampleId(nextId++) as MessageId, conversationId, seq: said.length + 1, senderId, clientMsgId: `p${nextId}` as ClientMsgId, type: 'text', attachments: [], reactions: [], version: 0, createdAt: new Date().toISOString(), ...over };
    messages.set(conversationId, [...said, message]);
    emit({ type: 'messages-changed', conversationId, messages: [message] });
    const known = conversations.get(conversationId);
    change(conversationId, { lastMessage: message, lastSeq: message.seq, lastActivityAt: message.createdAt, unreadCount: (known?.unreadCount ?? 0) + (senderId === VIEWER.id ? 0 : 1) });
  }

  function update(id: MessageId | ClientMsgId, over: (message: Message) => Partial<Message>): void {
    for (const [conversationId, said] of messages) {
      const known = said.find((message) => message.id === id);
      if (!known) continue;
      const next = { ...known, ...over(known), version: known.version + 1 };
      messages.set(conversationId, said.map((message) => (message === known ? next : message)));
      emit({ type: 'messages-changed', conversationId, messages: [next] });
    }
  }

  function enter(state: SessionState): void {
    session = state;
    emit({ type: 'session-changed', state });
  }

  const presence = (userId: UserId): Presence => {
    const person = PREVIEW_PEOPLE.find((candidate) => candidate.user.id === userId);
    if (connection.status !== 'online') return { userId, status: 'unknown', lastSeenAt: null };
    return { userId, status: person?.isOnline ? 'online' : 'offline', lastSeenAt: new Date(Date.now() - 42 * 60_000).toISOString() };
  };

  return {
    session: {
      state: () => session,
      register: async () => enter({ status: 'signed-in', viewer: VIEWER, sessionId: SESSION_ID }),
      login: async () => enter({ status: 'signed-in', viewer: VIEWER, sessionId: SESSION_ID }),
      logout: async () => enter({ status: 'signed-out', reason: 'logout' }),
      list: async () => [
        { id: SESSION_ID, deviceName: 'Firefox on Linux', createdAt: VIEWER.createdAt, lastUsedAt: new Date().toISOString(), current: true },
        { id: sampleId(8) as typeof SESSION_ID, deviceName: 'Couplet on iOS 19', createdAt: VIEWER.createdAt, lastUsedAt: new Date(Date.now() - 86_400_000).toISOString(), current: false },
      ],
      revoke: async () => undefined,
      updateProfile: async (over) => {
        const viewer = { ...VIEWER, ...over };
        enter({ status: 'signed-in', viewer, sessionId: SESSION_ID });
        return viewer;
      },
      setPhoto: async () => VIEWER,
    },
    uploads: { areHeld: () => false, waitWhileMetered: () => undefined, sendAnyway: async () => undefined },
    connection: { state: () => connection, hasNetwork: () => false, wake: () => undefined, setActive: () => undefined },
    conversations: {
      async list({ limit, offset }) {
        const all = [...conversations.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.lastActivityAt.localeCompare(a.lastActivityAt));
        return { items: all.slice(offset, offset + limit), hasMore: offset + limit < all.length };
      },
      get: async (id) => conversations.get(id) ?? null,
      async openWith(userId) {
        const known = [...conversations.values()].find((conversation) => conversation.peer.id === userId);
        if (!known) throw new Error('nobody');
        return known;
      },
      update: async (id, settings) => change(id, settings),
      place: async () => null,
      leavePlace: async () => undefined,
    },
    messages: {
      page: async (query) => pageOf(messages.get(query.conversationId) ?? [], query),
      pending: async (id) => pending.get(id) ?? [],
      pendingChanges: async () => [],
      async send({ conversationId, text = '', replyTo }) {
        const preview = replyTo ? { messageId: replyTo.id, seq: replyTo.seq, senderId: replyTo.senderId, type: replyTo.type, excerpt: replyTo.text ?? '' } : undefined;
        const entry: PendingMessage = { clientMsgId: `s${nextId++}` as ClientMsgId, conversationId, senderId: VIEWER.id, text, createdAt: Date.now(), state: { status: 'sending' }, ...(preview ? { replyTo: preview } : {}) };
        emit({ type: 'pending-changed', conversationId, pending: [...(pending.get(conversationId) ?? []), entry], changes: [] });
        if (connection.status === 'online') setTimeout(() => {
          say(conversationId, VIEWER.id, { text, clientMsgId: entry.clientMsgId, ...(preview ? { replyTo: preview } : {}) });
          emit({ type: 'pending-changed', conversationId, pending: pending.get(conversationId) ?? [], changes: [] });
          const peer = conversations.get(conversationId)?.peer.id as UserId;
          setTimeout(() => emit({ type: 'typing', conversationId, userId: peer, isTyping: true, expiresAt: Date.now() + 5_000 }), 600);
          setTimeout(() => say(conversationId, peer, { text: 'Good to hear!' }), 2_000);
        }, 150);
        return entry;
      },
      retry: async () => undefined,
      async discard(id) {
        for (const [conversationId, entries] of pending) {
          const left = entries.filter((entry) => entry.clientMsgId !== id);
          pending.set(conversationId, left);
          emit({ type: 'pending-changed', conversationId, pending: left, changes: [] });
        }
      },
      edit: async (id, text) => update(id, () => ({ text, editedAt: new Date().toISOString() })),
      delete: async (id) => update(id, () => ({ text: undefined, deletedAt: new Date().toISOString(), reactions: [] })),
      react: async (id, emoji) =>
        update(id, (message) => ({ reactions: [...message.reactions.filter((reaction) => reaction.userId !== VIEWER.id), ...(emoji ? [{ userId: VIEWER.id, emoji }] : [])] })),
      search: async (query) => ({ items: find(query), nextCursor: null, scope: scene.has('offline') ? 'device' : 'everywhere' }),
      searchDevice: async (query) => ({ items: find(query), nextCursor: null, scope: 'device' }),
      shared: async ({ conversationId }) => ({ items: (messages.get(conversationId) ?? []).filter((message) => message.attachments.length > 0), next: null }),
      async markRead(id, seq) {
        const known = conversations.get(id);
        if (known && seq > known.readSeq) change(id, { readSeq: seq, unreadCount: (messages.get(id) ?? []).filter((message) => message.seq > seq && message.senderId !== VIEWER.id).length });
      },
    },
    people: {
      search: async (query) => people().filter((user) => user.name.toLowerCase().includes(query.toLowerCase())),
      async get(id) {
        const user = people().find((candidate) => candidate.id === id);
        if (!user) throw new Error('nobody');
        return user;
      },
      block: async (id) => setBlocked(id, true),
      unblock: async (id) => setBlocked(id, false),
    },
    presence: { watch: () => undefined, get: presence, setTyping: () => undefined },
    api: undefined as never,
    diagnostics: async () => ({ connection, epoch: sampleId(7), position: 1_284, outboxSize: [...pending.values()].flat().length, unconfirmed: 0, lastErrors: [], ignoredFrames: 0, protocolVersion: 1, appVersion: null }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      const mara = [...conversations.keys()][0];
      if (mara && connection.status === 'online') setTimeout(() => emit({ type: 'typing', conversationId: mara, userId: PREVIEW_PEOPLE[0]?.user.id as UserId, isTyping: true, expiresAt: Date.now() + 60_000 }), 300);
    },
    close: async () => listeners.clear(),
  };

  function setBlocked(id: UserId, blocked: boolean): void {
    for (const conversation of conversations.values()) if (conversation.peer.id === id) change(conversation.id, { blocked });
  }
}

function people(): User[] {
  return PREVIEW_PEOPLE.map((person) => person.user);
}

function pageOf(said: readonly Message[], query: MessagePageQuery): MessagePage {
  const start = startOf(said.length, query);
  const from = Math.max(0, start);
  // A page that would begin before the first message is shorter by as much.
  const items = said.slice(from, Math.max(0, start + query.limit));
  return { items, hasOlder: from > 0, hasNewer: from + items.length < said.length };
}

function startOf(count: number, query: MessagePageQuery): number {
  switch (query.at) {
    case 'end':
      return count - query.limit;
    case 'before':
      return query.seq - 1 - query.limit;
    case 'after':
      return query.seq;
    case 'around':
      return Math.max(0, query.seq - 1 - Math.floor(query.limit / 2));
  }
}
