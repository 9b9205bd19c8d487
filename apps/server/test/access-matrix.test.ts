import { type Conversation, type ConversationId, type Endpoint, ENDPOINTS, type EndpointName, LIMITS, type Message, type UpFrameType } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/**
 * Ana wrote to Bo; everything below is about that conversation and that message.
 * `self` is Ana, `peer` is Bo, `blocked` is a peer of Ana's whom Ana blocked (in a
 * conversation of their own), `stranger` shares nothing with Ana, `signedOut`
 * has no token, `revoked` is Bo with a token of a session that was ended.
 */
const ROLES = ['self', 'peer', 'blocked', 'stranger', 'signedOut', 'revoked'] as const;
type Role = (typeof ROLES)[number];
/** A success, or the code of the refusal. */
type Outcome = 'ok' | 'validation_failed' | 'not_found' | 'forbidden' | 'conflict' | 'blocked' | 'not_authenticated' | 'session_revoked';

const NOBODY_ELSE = { signedOut: 'not_authenticated', revoked: 'session_revoked' } as const;
const MEMBERS_ONLY = { self: 'ok', peer: 'ok', blocked: 'ok', stranger: 'not_found', ...NOBODY_ELSE } as const;
const ANYBODY_SIGNED_IN = { self: 'ok', peer: 'ok', blocked: 'ok', stranger: 'ok', ...NOBODY_ELSE } as const;
const SENDER_ONLY = { self: 'ok', peer: 'forbidden', blocked: 'forbidden', stranger: 'not_found', ...NOBODY_ELSE } as const;
const OWNER_ONLY = { self: 'ok', peer: 'not_found', blocked: 'not_found', stranger: 'not_found', ...NOBODY_ELSE } as const;
const NO_WRITING_ACROSS_A_BLOCK = { ...MEMBERS_ONLY, blocked: 'blocked' } as const;

let server: TestServer;
let ana: Person;
let bo: Person;
let blockedPeer: Person;
let stranger: Person;
let revokedToken: string;
/** Ana's, in two parts, of which none is there. */
let uploadId: string;
/** What a role acts on: the conversation with Bo, or the one with the blocked peer. */
let scenes: Record<'peer' | 'blocked', { conversationId: ConversationId; message: Message; first: Message }>;

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo, blockedPeer, stranger] = (await createPeople(server, 'Ana', 'Bo', 'Blocked', 'Stranger')) as [Person, Person, Person, Person];
  const scene = async (peer: Person) => {
    const conversationId = await ana.conversationWith(peer);
    return { conversationId, first: await ana.send(conversationId, 'first'), message: await ana.send(conversationId, 'secret') };
  };
  scenes = { peer: await scene(bo), blocked: await scene(blockedPeer) };
  await server.call('PUT', `/api/users/${blockedPeer.id}/block`, { token: ana.token });
  const announced = await server.call<{ uploadId: string }>('POST', '/api/uploads/presign', {
    token: ana.token,
    body: { filename: 'large.bin', contentType: 'application/octet-stream', sizeBytes: LIMITS.uploadPartBytes + 1 },
  });
  uploadId = announced.body.uploadId;
  const signedIn = await server.signUp('Revoked');
  revokedToken = signedIn.accessToken;
  await server.call('POST', '/api/auth/logout', { token: revokedToken });
});
afterAll(() => server.close());

function tokenOf(role: Role): string | undefined {
  switch (role) {
    case 'self':
      return ana.token;
    case 'peer':
      return bo.token;
    case 'blocked':
      return blockedPeer.token;
    case 'stranger':
      return stranger.token;
    case 'signedOut':
      return undefined;
    case 'revoked':
      return revokedToken;
  }
}

const sceneOf = (role: Role) => scenes[role === 'blocked' ? 'blocked' : 'peer'];
/** A new id for each send, so that none is a replay. */
let sends = 0;
const newSend = () => ({ clientMsgId: `matrix-${(sends += 1)}`, text: 'hello' });

interface Case {
  path(role: Role): string;
  body?(role: Role): unknown;
  expected: Record<Role, Outcome>;
}

const conversation = (rest = '') => ({ path: (role: Role) => `/api/conversations/${sceneOf(role).conversationId}${rest}` });
const chat = (rest: string) => ({ path: (role: Role) => `/api/chat/${sceneOf(role).conversationId}${rest}` });
const message = (rest = '') => ({ path: (role: Role) => `/api/messages/${sceneOf(role).message.id}${rest}` });
const chatChannel = (role: Role) => ({ socket_id: '1.1', channel_name: `private-chat-${sceneOf(role).conversationId}` });
const upload = (rest = '') => ({ path: () => `/api/uploads/${uploadId}${rest}` });
const fixed = (path: string) => ({ path: () => path });

/** Every endpoint that needs a user's token. A new one without a line here does not compile. */
const CASES: Record<Exclude<EndpointName, 'register' | 'login' | 'refresh' | 'getConfig' | 'adminCreateUsers' | 'adminCreateToken' | 'adminCreateTokens'>, Case> = {
  registerDevice: { ...fixed('/api/devices/register'), body: () => ({ platform: 'ios', token: '0123456789abcdef' }), expected: ANYBODY_SIGNED_IN },
  // Nobody's: of another's device nobody learns that it exists.
  unregisterDevice: {
    ...fixed('/api/devices/0190a1b2-0000-7000-8000-000000000000'),
    expected: { self: 'not_found', peer: 'not_found', blocked: 'not_found', stranger: 'not_found', ...NOBODY_ELSE },
  },
  listSessions: { ...fixed('/api/auth/sessions'), expected: ANYBODY_SIGNED_IN },
  // A session of nobody here: of another's nobody learns that it exists.
  revokeSession: {
    ...fixed('/api/auth/sessions/0190a1b2-0000-7000-8000-000000000000'),
    expected: { self: 'not_found', peer: 'not_found', blocked: 'not_found', stranger: 'not_found', ...NOBODY_ELSE },
  },
  getMe: { ...fixed('/api/users/me'), expected: ANYBODY_SIGNED_IN },
  updateMe: { ...fixed('/api/users/me'), body: () => ({}), expected: ANYBODY_SIGNED_IN },
  searchUsers: { ...fixed('/api/users?query=ana'), expected: ANYBODY_SIGNED_IN },
  getUser: { path: () => `/api/users/${ana.id}`, expected: ANYBODY_SIGNED_IN },
  // The stranger would block themselves.
  blockUser: { path: () => `/api/users/${stranger.id}/block`, expected: { ...ANYBODY_SIGNED_IN, stranger: 'validation_failed' } },
  unblockUser: { path: () => `/api/users/${stranger.id}/block`, expected: ANYBODY_SIGNED_IN },
  getPresence: { path: () => `/api/users/${ana.id}/presence`, expected: ANYBODY_SIGNED_IN },
  sendHeartbeat: { ...fixed('/api/presence/heartbeat'), body: () => ({ connectionId: '1.1' }), expected: ANYBODY_SIGNED_IN },
  createConversation: {
    ...fixed('/api/conversations'),
    // The stranger begins one with somebody else: with Ana they would be a stranger no more.
    body: (role) => ({ userId: { self: bo, stranger: blockedPeer, peer: ana, blocked: ana, signedOut: ana, revoked: ana }[role].id }),
    expected: ANYBODY_SIGNED_IN,
  },
  listConversations: { ...fixed('/api/conversations'), expected: ANYBODY_SIGNED_IN },
  getConversation: { ...conversation(), expected: MEMBERS_ONLY },
  updateConversation: { ...conversation(), body: () => ({ pinned: false }), expected: MEMBERS_ONLY },
  listMessages: { ...conversation('/messages'), expected: MEMBERS_ONLY },
  listSharedMedia: { ...conversation('/attachments?kind=media'), expected: MEMBERS_ONLY },
  sendMessage: { ...conversation('/messages'), body: newSend, expected: NO_WRITING_ACROSS_A_BLOCK },
  markRead: { ...conversation('/read'), body: (role) => ({ lastReadMessageId: sceneOf(role).first.id }), expected: MEMBERS_ONLY },
  markDelivered: { ...conversation('/delivered'), body: (role) => ({ lastDeliveredMessageId: sceneOf(role).first.id }), expected: MEMBERS_ONLY },
  setTyping: { ...conversation('/typing'), body: () => ({ isTyping: true }), expected: MEMBERS_ONLY },
  editMessage: { ...message(), body: () => ({ text: 'secret' }), expected: SENDER_ONLY },
  addReaction: { ...message(`/reactions/${encodeURIComponent('👍')}`), expected: NO_WRITING_ACROSS_A_BLOCK },
  removeReaction: { ...message(`/reactions/${encodeURIComponent('👍')}`), expected: MEMBERS_ONLY },
  searchMessages: { path: (role) => `/api/search/messages?q=secret&conversationId=${sceneOf(role).conversationId}`, expected: MEMBERS_ONLY },
  getSync: { ...fixed('/api/sync?since=0'), expected: ANYBODY_SIGNED_IN },
  getMessagesSince: { ...fixed('/api/messages?since=0'), expected: ANYBODY_SIGNED_IN },
  getLogEnd: { ...fixed('/api/sync/end'), expected: ANYBODY_SIGNED_IN },
  presignUpload: { ...fixed('/api/uploads/presign'), body: () => ({ filename: 'a.txt', contentType: 'text/plain', sizeBytes: 1 }), expected: ANYBODY_SIGNED_IN },
  getUpload: { ...upload(), expected: OWNER_ONLY },
  reportUploadPart: { ...upload('/parts/1'), body: () => ({ etag: 'made-up' }), expected: OWNER_ONLY },
  // Its second part is missing.
  completeUpload: { ...upload('/complete'), expected: { ...OWNER_ONLY, self: 'conflict' } },
  deleteUpload: { ...upload(), expected: OWNER_ONLY },
  // Of others' nothing is answered: below.
  listAttachments: { path: () => `/api/attachments?ids=${uploadId}`, expected: ANYBODY_SIGNED_IN },
  setAvatar: { ...fixed('/api/users/me/avatar'), body: () => ({ uploadId: null }), expected: ANYBODY_SIGNED_IN },
  getSnapshot: { ...fixed('/api/sync/snapshot'), expected: ANYBODY_SIGNED_IN },
  listChats: { ...fixed('/api/chat/all'), expected: ANYBODY_SIGNED_IN },
  listChatChanges: { ...fixed('/api/chat/all/after?sequenceId=0'), expected: ANYBODY_SIGNED_IN },
  listChatMessages: { ...chat('/all'), expected: MEMBERS_ONLY },
  listChatMessagesAfter: { ...chat('/all/after?timestamp=0'), expected: MEMBERS_ONLY },
  sendChatMessage: { ...chat('/message'), body: () => ({ localId: newSend().clientMsgId, text: 'hello' }), expected: NO_WRITING_ACROSS_A_BLOCK },
  pusherAuth: { ...fixed('/api/pusher/auth'), body: chatChannel, expected: { ...MEMBERS_ONLY, stranger: 'forbidden' } },
  broadcastingAuth: { ...fixed('/broadcasting/auth'), body: chatChannel, expected: { ...MEMBERS_ONLY, stranger: 'forbidden' } },
  pusherUserAuth: { ...fixed('/api/pusher/user-auth'), body: () => ({ socket_id: '1.1' }), expected: ANYBODY_SIGNED_IN },
  broadcastingUserAuth: { ...fixed('/broadcasting/user-auth'), body: () => ({ socket_id: '1.1' }), expected: ANYBODY_SIGNED_IN },
  // Last but one, because it changes what the others act on; the sender comes last.
  deleteMessage: { ...message(), expected: SENDER_ONLY },
  logout: { ...fixed('/api/auth/logout'), expected: { ...NOBODY_ELSE, self: 'ok', peer: 'ok', blocked: 'ok', stranger: 'ok' } },
};

/** Ending one's session would end the test: those are tried with sessions of their own. */
const SPARED: ReadonlySet<string> = new Set(['logout:self', 'logout:peer', 'logout:blocked', 'logout:stranger']);

describe('[X1] who reaches what over REST', () => {
  for (const [name, { path, body, expected }] of Object.entries(CASES)) {
    const endpoint: Endpoint = ENDPOINTS[name as EndpointName];
    for (const role of [...ROLES].reverse()) {
      if (SPARED.has(`${name}:${role}`)) continue;
      it(`[X1] ${name} by ${role}: ${expected[role]}`, async () => {
        const token = tokenOf(role);
        const answer = await server.call<{ code?: string }>(endpoint.method, path(role), {
          ...(token !== undefined && { token }),
          ...(body && { body: body(role) }),
        });
        expect(answer.status < 400 ? 'ok' : answer.body.code).toBe(expected[role]);
      });
    }
  }
});

type FrameCase = { type: UpFrameType; data(role: Role): object; expected: Record<'self' | 'peer' | 'blocked' | 'stranger', Outcome> };
const members = { self: 'ok', peer: 'ok', blocked: 'ok', stranger: 'not_found' } as const;

const FRAMES: FrameCase[] = [
  { type: 'chat.message.send', data: (role) => ({ conversationId: sceneOf(role).conversationId, ...newSend() }), expected: { ...members, blocked: 'blocked' } },
  { type: 'chat.message.delivered', data: (role) => ({ conversationId: sceneOf(role).conversationId, seq: 1 }), expected: members },
  { type: 'chat.message.read', data: (role) => ({ conversationId: sceneOf(role).conversationId, seq: 1 }), expected: members },
  { type: 'chat.message.edit', data: (role) => ({ messageId: sceneOf(role).first.id, text: 'first' }), expected: { ...members, peer: 'forbidden', blocked: 'forbidden' } },
  { type: 'chat.message.react', data: (role) => ({ messageId: sceneOf(role).first.id, emoji: '👍' }), expected: { ...members, blocked: 'blocked' } },
  { type: 'chat.message.delete', data: (role) => ({ messageId: sceneOf(role).first.id }), expected: { self: 'ok', peer: 'forbidden', blocked: 'forbidden', stranger: 'not_found' } },
  { type: 'chat.sync', data: () => ({ since: 0 }), expected: { self: 'ok', peer: 'ok', blocked: 'ok', stranger: 'ok' } },
];

describe('[X1] who reaches what over the socket', () => {
  for (const { type, data, expected } of FRAMES) {
    for (const role of ['stranger', 'blocked', 'peer', 'self'] as const) {
      it(`[X1] ${type} by ${role}: ${expected[role]}`, async () => {
        const socket = await { self: ana, peer: bo, blocked: blockedPeer, stranger }[role].connect();
        const answer = await socket.request(type, data(role));
        expect(answer.type === 'error' ? answer.data.code : 'ok').toBe(expected[role]);
        socket.close();
      });
    }
  }

  it('[X1] lets nobody in without a token, with a made-up one, or with one of an ended session', async () => {
    const { TestSocket } = await import('./test-socket.ts');
    for (const token of ['made up', `${ana.token}x`, revokedToken]) {
      const socket = await TestSocket.open(server.server.url);
      expect(await socket.request('auth', { token, protocolVersion: 1 })).toMatchObject({ type: 'error', data: { retryable: false } });
      expect(await socket.untilClosed()).toBe(4401);
    }
    const silent = await TestSocket.open(server.server.url);
    silent.write('chat.sync', { since: 0 });
    expect(await silent.untilClosed()).toBe(4400);
  });
});

describe('[X1] what others learn', () => {
  it('[X1] sync, snapshot, list and search of a stranger hold nothing of the conversation', async () => {
    const texts = await Promise.all(
      ['/api/sync?since=0', '/api/sync/snapshot', '/api/chat/all', '/api/chat/all/after?sequenceId=0', '/api/search/messages?q=secret', '/api/search/messages?q=first'].map(async (path) =>
        JSON.stringify((await server.call('GET', path, { token: stranger.token })).body),
      ),
    );
    for (const text of texts) {
      expect(text).not.toContain('secret');
      expect(text).not.toContain(scenes.peer.conversationId);
    }
    const { body } = await server.call<{ items: Conversation[] }>('GET', '/api/conversations', { token: stranger.token });
    expect(body.items.map((item) => item.id)).not.toContain(scenes.peer.conversationId);
  });

  it('[X1] typing and presence reach the peer only, and nobody across a block', async () => {
    const sockets = { ana: await ana.connect(), bo: await bo.connect(), blocked: await blockedPeer.connect(), stranger: await stranger.connect() };
    const follow = (socket: typeof sockets.ana) => socket.request('presence.watch', { userIds: [ana.id] });
    await Promise.all([follow(sockets.bo), follow(sockets.blocked), follow(sockets.stranger)]);
    expect((await sockets.bo.until('presence.update')).at(-1)?.data).toMatchObject({ userId: ana.id, status: 'online' });
    for (const socket of [sockets.blocked, sockets.stranger]) {
      expect((await socket.until('presence.update')).at(-1)?.data).toMatchObject({ userId: ana.id, status: 'unknown', lastSeenAt: null });
    }
    sockets.ana.write('chat.typing', { conversationId: scenes.peer.conversationId, isTyping: true });
    sockets.ana.write('chat.typing', { conversationId: scenes.blocked.conversationId, isTyping: true });
    expect((await sockets.bo.until('chat.typing'))[0]?.data).toMatchObject({ userId: ana.id, isTyping: true });
    await Promise.all([sockets.ana.settled(), sockets.blocked.settled(), sockets.stranger.settled()]);
    expect([...sockets.blocked.all('chat.typing'), ...sockets.stranger.all('chat.typing')]).toEqual([]);
    Object.values(sockets).forEach((socket) => socket.close());
  });
});
