import { type ClientMsgId, CoupletError, type Message } from '@couplet/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScene, type Device, type Scene, seededRandom, settle } from './testing/index.ts';

/** Sixty storms with five minutes of healing each, on a slow machine. */
const STORM_TIMEOUT_MS = 60_000;

/** What people and networks do, in any order. `device` picks Ana's phone, Ana's laptop or Bo's phone. */
const stepArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('say' as const), device: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('read' as const), device: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('draft' as const), device: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('edit' as const, 'react' as const, 'delete' as const), device: fc.nat(2), message: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('unplug' as const, 'plug' as const, 'restart' as const, 'shuffle' as const), device: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('drop-sockets' as const, 'expire-tokens' as const, 'trim-log' as const), device: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('wait' as const), device: fc.constant(0), ms: fc.integer({ min: 1, max: 4_000 }) }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

class Storm {
  readonly scene: Scene;
  readonly devices: Device[] = [];
  /** What was written, in order, as it was first; it begins with the number of the device. */
  readonly said = new Map<ClientMsgId, string>();
  #words = 0;

  constructor(seed: number) {
    this.scene = createScene(seed);
  }

  async begin(): Promise<void> {
    const { ana, bo } = this.scene;
    for (const viewer of [ana, ana, bo]) this.devices.push(await this.scene.signedIn(viewer));
  }

  /** Frames are lost now and then, either way. */
  lose(seed: number): void {
    const { server } = this.scene;
    const random = seededRandom(seed);
    server.filterDown = () => random.fraction() > 0.05;
    server.filterUp = () => random.fraction() > 0.05;
  }

  async run(step: Step): Promise<void> {
    const { scene } = this;
    const { conversationId } = scene;
    const device = this.devices[step.device];
    if (device === undefined) throw new Error('no such device');
    switch (step.type) {
      case 'say': {
        this.#words += 1;
        const text = `${step.device}:${this.#words}`;
        const { clientMsgId } = await device.messenger.messages.send({ conversationId, text });
        this.said.set(clientMsgId, text);
        return;
      }
      case 'read': {
        const row = await device.messenger.conversations.get(conversationId);
        if (row !== null) await device.messenger.messages.markRead(conversationId, row.lastSeq);
        return;
      }
      case 'edit':
      case 'react':
      case 'delete':
        return this.#change(device, step.type, step.message);
      case 'draft':
        this.#words += 1;
        await device.messenger.conversations.update(conversationId, { draft: `draft ${this.#words}` });
        return;
      case 'unplug':
        return device.network.set(false);
      case 'plug':
        return device.network.set(true);
      case 'restart': {
        await device.messenger.close();
        const again = scene.device({ store: device.store, tokens: device.tokens });
        this.devices[step.device] = again;
        await again.messenger.start();
        return;
      }
      case 'shuffle':
        if (device.sockets.pairs.length > 0) device.sockets.latest.toClient.reverse();
        return;
      case 'drop-sockets':
        return scene.server.closeAll(1006);
      case 'expire-tokens':
        return scene.server.expireAccessTokens();
      case 'trim-log':
        scene.server.world.trimmedTo = Math.min(scene.server.world.position(scene.ana.id), scene.server.world.position(scene.bo.id));
        return;
      case 'wait':
        return scene.clock.advance(step.ms);
    }
  }

  async #change({ messenger }: Device, type: 'edit' | 'react' | 'delete', index: number): Promise<void> {
    const { conversationId } = this.scene;
    const state = messenger.session.state();
    const viewerId = state.status === 'signed-in' ? state.viewer.id : null;
    const page = await messenger.messages.page({ conversationId, at: 'end', limit: 50 }).catch(() => null);
    const shown = page?.items.filter(({ senderId, deletedAt }) => deletedAt === undefined && (type === 'react' || senderId === viewerId))[index];
    if (shown === undefined) return;
    this.#words += 1;
    try {
      if (type === 'edit') await messenger.messages.edit(shown.id, `edited ${this.#words}`);
      else if (type === 'delete') await messenger.messages.delete(shown.id);
      else await messenger.messages.react(shown.id, ['👍', '❤️', null][this.#words % 3] ?? null);
    } catch (error) {
      // The event of a deletion came between the look and the touch.
      if (!(error instanceof CoupletError) || error.code !== 'conflict') throw error;
    }
  }

  /** Another device deleted it first: the person sees that, and lets go. */
  async #letGoOfRefused(): Promise<void> {
    for (const { messenger } of this.devices) {
      for (const { id, state } of await messenger.messages.pendingChanges(this.scene.conversationId)) {
        if (state.status === 'failed') await messenger.messages.discard(id);
      }
    }
  }

  /**
   * The network is whole again. A loss after which nothing more happens shows no
   * gap; it is found on the next connection, which a broken network brings.
   */
  async heal(): Promise<void> {
    const { server, clock } = this.scene;
    server.filterDown = () => true;
    server.filterUp = () => true;
    server.closeAll(1006);
    for (const { network } of this.devices) network.set(true);
    await clock.advance(5 * 60_000);
    await this.#letGoOfRefused();
    await settle();
  }
}

describe('a storm', () => {
  it('of lost frames, cut networks and restarts ends with every message once, in one order, on every device', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 10, maxLength: 60 }), fc.nat(100_000), async (steps, seed) => {
        const storm = new Storm(seed);
        await storm.begin();
        storm.lose(seed);
        for (const step of steps) await storm.run(step);
        await storm.heal();
        const { scene, devices } = storm;
        const { world } = scene.server;
        const stored = world.messages(scene.ana.id, scene.conversationId);
        const written = stored.map(({ clientMsgId }) => storm.said.get(clientMsgId));
        for (const index of devices.keys()) {
          expect(written.filter((text) => text?.startsWith(`${index}:`))).toEqual([...storm.said.values()].filter((text) => text.startsWith(`${index}:`)));
        }
        for (const [index, device] of devices.entries()) {
          const viewer = index === 2 ? scene.bo : scene.ana;
          expect(await device.messenger.messages.pending(scene.conversationId)).toEqual([]);
          expect(await device.messenger.messages.pendingChanges(scene.conversationId)).toEqual([]);
          const here = await device.store.read((reader) => reader.listMessages({ conversationId: scene.conversationId, fromSeq: 1, toSeq: 1_000 }));
          const facts = ({ id, seq, text, version, reactions, deletedAt, readAt }: Message) => [id, seq, text, version, reactions, deletedAt, readAt];
          expect(here.map(facts)).toEqual(stored.map(facts));
          const { lastMessage: _shown, ...row } = (await device.messenger.conversations.get(scene.conversationId)) ?? {};
          const { lastMessage: _kept, ...expected } = world.conversation(viewer.id, scene.conversationId);
          expect(row).toEqual(expected);
          // Nothing is left to tell, and nobody keeps asking.
          expect(await device.store.read(async (reader) => [await reader.listReceipts(), await reader.listSettings()])).toEqual([[], []]);
          expect(device.messenger.connection.state()).toMatchObject({ status: 'online', phase: 'live' });
        }
        for (const device of devices) await device.messenger.close();
        expect(scene.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 60 },
    );
  }, STORM_TIMEOUT_MS);
});
