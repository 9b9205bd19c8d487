import type { ClientMsgId, Conversation, ConversationId, Event, Message, UserId } from '@couplet/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeWorld, ManualClock, sampleMessage, seededRandom } from '../testing/index.ts';
import { replaceBySnapshot } from '../sync/replace-by-snapshot.ts';
import { createMemoryStore } from './memory-store.ts';
import { claimStore } from './owned-store.ts';
import type { Store } from './store.ts';
import { Touched } from './touched.ts';
import { writeEvents } from './write-events.ts';

const VIEWER = 0;

/** One thing that anybody may do. Numbers pick among what there is. */
const actionArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), by: fc.nat(2), pair: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('delivered' as const, 'read' as const), by: fc.nat(2), pair: fc.nat(2), seq: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('edit' as const, 'delete' as const, 'react' as const), by: fc.nat(2), pair: fc.nat(2), seq: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('settings' as const), by: fc.nat(2), pair: fc.nat(2), pinned: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('open' as const), by: fc.nat(2), pair: fc.nat(2) }) },
);
type Action = typeof actionArbitrary extends fc.Arbitrary<infer T> ? T : never;

class Play {
  readonly world = new FakeWorld(new ManualClock(), seededRandom(7));
  readonly users: UserId[] = ['Ana', 'Bo', 'Cleo'].map((name) => this.world.addUser(name).id);
  readonly viewerId: UserId;
  #sends = 0;

  constructor() {
    const [viewerId] = this.users;
    if (viewerId === undefined) throw new Error('no viewer');
    this.viewerId = viewerId;
    this.world.openConversation(this.user(0), this.user(1));
  }

  user(index: number): UserId {
    const user = this.users[index];
    if (user === undefined) throw new Error('no such user');
    return user;
  }

  run(action: Action): void {
    const by = this.user(action.by);
    const mine = this.world.conversations(by);
    if (action.type === 'open') {
      const peer = this.user((action.by + 1 + (action.pair % 2)) % 3);
      this.world.openConversation(by, peer);
      return;
    }
    const id = mine[action.pair % Math.max(1, mine.length)]?.id;
    if (id === undefined) return;
    if (action.type === 'send') {
      this.#sends += 1;
      this.world.send(by, { conversationId: id, clientMsgId: `m-${this.#sends}` as ClientMsgId, text: `text ${this.#sends}` });
      return;
    }
    if (action.type === 'settings') {
      this.world.changeSettings(by, id, { pinned: action.pinned });
      return;
    }
    const message = this.world.messages(by, id)[action.seq];
    if (message === undefined) return;
    if (action.type === 'delivered' || action.type === 'read') this.world.advance(by, action.type, id, message.seq);
    else if (message.deletedAt === undefined) this.#change(by, action.type, message);
  }

  #change(by: UserId, type: 'edit' | 'delete' | 'react', message: Message): void {
    const at = this.world.timestamp();
    if (type === 'edit') this.world.change(by, message.id, (before) => ({ ...before, text: `edited ${at}`, editedAt: at }));
    else if (type === 'react') this.world.change(by, message.id, (before) => ({ ...before, reactions: [{ userId: by, emoji: '👍' }] }));
    else this.world.change(by, message.id, ({ text: _text, ...before }) => ({ ...before, reactions: [], deletedAt: at }));
  }
}

async function newDevice(play: Play): Promise<Store> {
  const store = createMemoryStore();
  await claimStore(store, play.viewerId);
  await store.transaction((writer) => replaceBySnapshot(writer, play.viewerId, play.world.snapshot(play.viewerId)));
  return store;
}

async function write(store: Store, play: Play, events: readonly Event[]): Promise<void> {
  const report = (where: string, error: unknown) => {
    throw new Error(`${where}: ${String(error)}`);
  };
  await store.transaction((writer) => writeEvents(writer, { viewerId: play.viewerId, report, touched: new Touched() }, events));
}

/**
 * When a peer's message reached this device is told to the peer alone; it is the
 * one thing of the server's state that events do not bring.
 */
function withoutOwnDelivery(viewerId: UserId, message: Message): Message {
  const { deliveredAt: _deliveredAt, ...rest } = message;
  return message.senderId === viewerId ? message : rest;
}

async function stateOf(store: Store, viewerId: UserId): Promise<{ conversations: Conversation[]; messages: Message[] }> {
  return store.read(async (reader) => {
    const conversations = await reader.listConversations({ limit: 100, offset: 0 });
    const messages: Message[] = [];
    for (const { id } of conversations) messages.push(...(await reader.listMessages({ conversationId: id, fromSeq: 1, toSeq: 1_000 })));
    return normalised(viewerId, { conversations, messages });
  });
}

function normalised(viewerId: UserId, state: { conversations: Conversation[]; messages: Message[] }) {
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  return {
    conversations: state.conversations
      .map((row) => ({ ...row, lastMessage: row.lastMessage && withoutOwnDelivery(viewerId, row.lastMessage) }))
      .sort(byId),
    messages: state.messages.map((message) => withoutOwnDelivery(viewerId, message)).sort(byId),
  };
}

describe('events applied to the store', () => {
  it('[S3] one by one as they happen give the same as a fresh snapshot, for any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actionArbitrary, { maxLength: 60 }), fc.nat(20), async (actions, begin) => {
        const play = new Play();
        for (const action of actions.slice(0, begin)) play.run(action);
        const store = await newDevice(play);
        const arrived: Event[] = [];
        play.world.onEvent = (userId, event) => {
          if (userId === play.user(VIEWER)) arrived.push(event);
        };
        for (const action of actions.slice(begin)) play.run(action);
        for (const event of arrived) await write(store, play, [event]);
        expect(await stateOf(store, play.viewerId)).toEqual(normalised(play.viewerId, play.world.snapshot(play.viewerId)));
      }),
      { numRuns: 300 },
    );
  });

  it('[S3] read from the log later, in pages and with some of them twice, give the same too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actionArbitrary, { maxLength: 60 }), fc.nat(20), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (actions, begin, limit, twice) => {
        const play = new Play();
        for (const action of actions.slice(0, begin)) play.run(action);
        const store = await newDevice(play);
        let since = play.world.position(play.viewerId);
        for (const [index, action] of actions.slice(begin).entries()) {
          play.run(action);
          if (index % 7 !== 0) continue;
          const page = play.world.sync(play.viewerId, since, limit);
          await write(store, play, page.events);
          if (twice) await write(store, play, page.events);
          since = page.position;
        }
        for (let hasMore = true; hasMore; ) {
          const page = play.world.sync(play.viewerId, since, limit);
          await write(store, play, page.events);
          since = page.position;
          hasMore = page.hasMore;
        }
        expect(await stateOf(store, play.viewerId)).toEqual(normalised(play.viewerId, play.world.snapshot(play.viewerId)));
      }),
      { numRuns: 300 },
    );
  });

  it('skip one that cannot be applied, report it, and go on', async () => {
    const play = new Play();
    const store = await newDevice(play);
    const [conversation] = play.world.conversations(play.viewerId);
    const conversationId = conversation?.id as ConversationId;
    const broken = { type: 'chat.message.new', position: 2, message: { ...sampleMessage(1, { conversationId }), get senderId(): UserId { throw new Error('broken row'); } }, unreadCount: 0 } as const;
    const good: Event = { type: 'chat.message.new', position: 3, message: sampleMessage(2, { conversationId }), unreadCount: 1 };
    const reported: string[] = [];
    await store.transaction((writer) =>
      writeEvents(writer, { viewerId: play.viewerId, report: (where) => void reported.push(where), touched: new Touched() }, [broken, good]),
    );
    expect(reported).toEqual(['event chat.message.new at 2']);
    expect(await store.read((reader) => reader.listMessages({ conversationId, fromSeq: 1, toSeq: 9 }))).toEqual([good.message]);
  });
});
