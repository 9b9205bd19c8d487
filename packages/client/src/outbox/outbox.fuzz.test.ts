import { type ClientMsgId, CoupletError, type EndpointName, type Message, type UpFrame } from '@couplet/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../store/store.ts';
import { createScene, type Device, type Scene, settle } from '../testing/index.ts';

/** Three hundred lives of an outbox, each with minutes of healing, on a slow machine. */
const TIMEOUT_MS = 60_000;
const RUNS = 300;

/** What becomes of one request. */
const OUTCOMES = ['ok', 'no way there', 'answer lost', 'rate limited', 'unavailable', 'refused'] as const;
type Outcome = (typeof OUTCOMES)[number];

const EMOJI = ['👍', '❤️', null] as const;
const anyMessage = fc.nat(7);
const stepArbitrary = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('say' as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('edit' as const), message: anyMessage }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('react' as const), message: anyMessage, emoji: fc.constantFrom(...EMOJI) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), message: anyMessage }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('discard' as const), message: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('retry' as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15_000 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('unplug' as const, 'plug' as const, 'drop' as const) }) },
  /** The app dies after so many more transactions. */
  { weight: 2, arbitrary: fc.record({ type: fc.constant('kill' as const), transactions: fc.nat(6) }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** What the person wants of one message they wrote. */
interface Wish {
  text: string;
  isDeleted: boolean;
  emoji: string | null;
}

/** A store whose user dies: from then on it answers nothing, as to a process that is gone. */
function mortal(store: Store): { store: Store; dieAfter(transactions: number): void } {
  let left = Number.MAX_SAFE_INTEGER;
  const never = new Promise<never>(() => undefined);
  return {
    store: {
      read: (body) => (left <= 0 ? never : store.read(body)),
      async transaction(body) {
        if (left <= 0) return never;
        left -= 1;
        const result = await store.transaction(body);
        // Written, and nobody is left to hear of it.
        return left <= 0 ? never : result;
      },
      close: async () => undefined,
    },
    dieAfter: (transactions) => void (left = transactions),
  };
}

class Life {
  readonly scene: Scene;
  readonly wishes = new Map<ClientMsgId, Wish>();
  readonly #outcomes: Outcome[];
  readonly #kept: Store;
  #device: Device;
  #mortality: ReturnType<typeof mortal>;
  #words = 0;

  private constructor(scene: Scene, first: Device, outcomes: readonly Outcome[]) {
    this.scene = scene;
    this.#kept = first.store;
    this.#device = first;
    this.#mortality = mortal(first.store);
    this.#outcomes = [...outcomes];
  }

  static async begin(seed: number, outcomes: readonly Outcome[]): Promise<Life> {
    const scene = createScene(seed);
    const first = await scene.signedIn(scene.ana);
    const life = new Life(scene, first, outcomes);
    life.#decideAnswers();
    await life.#restart();
    return life;
  }

  get device(): Device {
    return this.#device;
  }

  /** What is refused is refused for itself: a replay of what is stored never is. */
  #decideAnswers(): void {
    const { server } = this.scene;
    let loses = false;
    const decide = (isStored: boolean) => {
      const outcome = this.#outcomes.shift() ?? 'ok';
      loses = outcome === 'answer lost';
      if (outcome === 'rate limited') throw new CoupletError('rate_limited', '', { retryAfterMs: 3_000 });
      if (outcome === 'unavailable') throw new CoupletError('unavailable');
      if (outcome === 'refused' && !isStored) throw new CoupletError('blocked');
      return outcome;
    };
    server.filterUp = (frame: UpFrame) => {
      loses = false;
      if (frame.type !== 'chat.message.send' || this.#outcomes[0] !== 'no way there') return true;
      this.#outcomes.shift();
      return false;
    };
    server.refuse = (frame: UpFrame) => {
      if (frame.type === 'chat.message.send') decide(this.#stored(frame.data.clientMsgId) !== undefined);
    };
    server.filterDown = (frame) => !(loses && frame.type === 'chat.message.ack');
    server.refuseCall = (name: EndpointName) => {
      loses = false;
      if (CHANGES.has(name) && decide(false) === 'no way there') throw new Error('no way there');
    };
    server.losesAnswer = (name: EndpointName) => loses && CHANGES.has(name);
  }

  #stored(clientMsgId: ClientMsgId): Message | undefined {
    return this.storedMessages().find((message) => message.clientMsgId === clientMsgId);
  }

  storedMessages(): Message[] {
    return this.scene.server.world.messages(this.scene.ana.id, this.scene.conversationId);
  }

  async #restart(): Promise<void> {
    const { tokens } = this.#device;
    this.#mortality.dieAfter(0);
    this.scene.server.closeAll(1006);
    void this.#device.messenger.close();
    this.#mortality = mortal(this.#kept);
    this.#device = this.scene.device({ store: this.#mortality.store, tokens });
    await this.#device.messenger.start();
    await settle();
  }

  async run(step: Step): Promise<void> {
    const { scene } = this;
    const { messages } = this.#device.messenger;
    switch (step.type) {
      case 'say': {
        const text = this.#nextWords();
        const { clientMsgId } = await messages.send({ conversationId: scene.conversationId, text });
        this.wishes.set(clientMsgId, { text, isDeleted: false, emoji: null });
        return;
      }
      case 'edit': {
        const text = this.#nextWords();
        return this.#change(step.message, (id) => messages.edit(id, text), { text });
      }
      case 'react':
        return this.#change(step.message, (id) => messages.react(id, step.emoji), { emoji: step.emoji });
      case 'delete':
        return this.#change(step.message, (id) => messages.delete(id), { isDeleted: true });
      case 'discard': {
        // One that failed stands still; any other may be stored by the time it is discarded.
        const failed = (await messages.pending(scene.conversationId)).filter(({ state }) => state.status === 'failed')[step.message];
        if (failed === undefined) return;
        await messages.discard(failed.clientMsgId);
        this.#wish(failed.clientMsgId, { isDeleted: true });
        return;
      }
      case 'retry': {
        for (const { id, state } of await messages.pendingChanges(scene.conversationId)) if (state.status === 'failed') await messages.retry(id);
        for (const { clientMsgId, state } of await messages.pending(scene.conversationId)) if (state.status === 'failed') await messages.retry(clientMsgId);
        return;
      }
      case 'wait':
        return scene.clock.advance(step.ms);
      case 'unplug':
        return this.#device.network.set(false);
      case 'plug':
        return this.#device.network.set(true);
      case 'drop':
        return scene.server.closeAll(1006);
      case 'kill':
        this.#mortality.dieAfter(step.transactions);
        await scene.clock.advance(500);
        return this.#restart();
    }
  }

  async #change(index: number, change: (id: ClientMsgId) => Promise<void>, wish: Partial<Wish>): Promise<void> {
    const id = [...this.wishes.keys()][index];
    if (id === undefined) return;
    try {
      await change(id);
      this.#wish(id, wish);
    } catch (error) {
      // Deleted before: it is not there any more, or is a tombstone.
      if (!(error instanceof CoupletError) || this.wishes.get(id)?.isDeleted !== true) throw error;
    }
  }

  #wish(id: ClientMsgId, wish: Partial<Wish>): void {
    const before = this.wishes.get(id);
    if (before !== undefined) this.wishes.set(id, { ...before, ...wish });
  }

  #nextWords(): string {
    this.#words += 1;
    return `words ${this.#words}`;
  }

  async heal(): Promise<void> {
    this.#outcomes.length = 0;
    this.#device.network.set(true);
    this.scene.server.closeAll(1006);
    await this.scene.clock.advance(5 * 60_000);
    await settle();
  }
}

const CHANGES: ReadonlySet<EndpointName> = new Set<EndpointName>(['editMessage', 'deleteMessage', 'addReaction', 'removeReaction']);

describe('an outbox', () => {
  it('[O2] loses nothing whatever is answered and whenever the app dies: each wish is at the server, or a visible failure, or was taken back', async () => {
    await everyLife(async (life) => {
      const { scene, device } = life;
      const failures = await device.messenger.messages.pendingChanges(scene.conversationId);
      const unsent = await device.messenger.messages.pending(scene.conversationId);
      for (const { state } of unsent) expect(state.status).toBe('failed');
      // A reaction to what was never sent waits with it.
      for (const { state, target } of failures) expect([state.status, target.messageId === null]).toEqual(state.status === 'failed' ? ['failed', false] : ['queued', true]);
      for (const [clientMsgId, wish] of life.wishes) {
        const stored = life.storedMessages().find((message) => message.clientMsgId === clientMsgId);
        const failed = (type: string) => failures.find((change) => change.type === type && change.target.clientMsgId === clientMsgId);
        if (stored === undefined) {
          if (!wish.isDeleted) expect(unsent.find((pending) => pending.clientMsgId === clientMsgId)).toMatchObject({ text: wish.text });
        } else if (wish.isDeleted) {
          if (failed('delete') === undefined) expect(stored.deletedAt).toBeDefined();
        } else {
          const edit = failed('edit');
          if (edit === undefined) expect(stored.text).toBe(wish.text);
          else expect(edit).toMatchObject({ text: wish.text });
          if (failed('reaction') === undefined) expect(stored.reactions.map(({ emoji }) => emoji)).toEqual(wish.emoji === null ? [] : [wish.emoji]);
          else expect(failed('reaction')).toMatchObject({ emoji: wish.emoji });
        }
      }
      for (const { id } of failures) await device.messenger.messages.discard(id);
      const page = await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 100 });
      expect(page.items).toEqual(life.storedMessages());
      expect(page.hasOlder).toBe(false);
    });
  }, TIMEOUT_MS);

  it('[D4] ends every send as exactly one message or one visible failure', async () => {
    await everyLife(async (life) => {
      const { scene, device, wishes } = life;
      const unsent = await device.messenger.messages.pending(scene.conversationId);
      const ends = [...life.storedMessages(), ...unsent].map(({ clientMsgId }) => clientMsgId);
      expect(new Set(ends).size).toBe(ends.length);
      for (const [clientMsgId, { isDeleted }] of wishes) if (!isDeleted) expect(ends).toContain(clientMsgId);
    });
  }, TIMEOUT_MS);
});

async function everyLife(judge: (life: Life) => Promise<void>): Promise<void> {
  const lives = fc.tuple(fc.array(stepArbitrary, { minLength: 5, maxLength: 30 }), fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 30 }), fc.nat(100_000));
  await fc.assert(
    fc.asyncProperty(lives, async ([steps, outcomes, seed]) => {
      const life = await Life.begin(seed, outcomes);
      for (const step of steps) await life.run(step);
      await life.heal();
      await judge(life);
      await life.device.messenger.close();
    }),
    { numRuns: RUNS },
  );
}
