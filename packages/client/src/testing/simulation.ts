import { type ClientMsgId, CoupletError, type UserId } from '@couplet/protocol';
import type { RandomPort } from '../ports/ports.ts';
import { createScene, type Device, type Scene } from './scene.ts';
import { seededRandom } from './seeded-random.ts';
import { settle } from './settle.ts';
import type { SocketPair } from './socket-pair.ts';

/**
 * Two people, three devices and a server, where every frame arrives when the
 * simulation delivers it, if at all. Which command, which delivery, which loss
 * and which restart comes next is a random number of the seed: the same seed is
 * the same run, frame by frame.
 *
 *   const run = new Simulation(17);
 *   await run.begin();
 *   await run.steps(300);
 *   await run.heal();          // everything arrives again, and everybody comes to rest
 *   run.written                // what was written, by device
 */
export class Simulation {
  readonly scene: Scene;
  readonly devices: Device[] = [];
  /** By device: texts of messages in the order in which they were written. */
  readonly written: Map<ClientMsgId, string>[] = [new Map(), new Map(), new Map()];
  readonly #random: RandomPort;
  #words = 0;

  constructor(seed: number) {
    this.scene = createScene(seed);
    this.#random = seededRandom(seed);
  }

  /** The first two devices are Ana's. */
  ownerOf(device: number): UserId {
    return device < 2 ? this.scene.ana.id : this.scene.bo.id;
  }

  async begin(): Promise<void> {
    const { ana, bo } = this.scene;
    for (const viewer of [ana, ana, bo]) {
      const device = await this.scene.signedIn(viewer);
      this.devices.push(device);
      this.#takeOver(device);
    }
  }

  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) {
      await this.#step();
      await settle();
      for (const device of this.devices) this.#takeOver(device);
    }
  }

  /** The network is whole again; a last reconnect shows what was lost at the very end. */
  async heal(): Promise<void> {
    const { server, clock } = this.scene;
    server.isReachable = true;
    for (const { network, sockets } of this.devices) {
      sockets.flow = 'auto';
      network.set(true);
      for (const pair of sockets.pairs) {
        pair.flow = 'auto';
        pair.flushToServer();
      }
    }
    server.closeAll(1006);
    await clock.advance(HEALING_MS);
    // Refused for what another device did first: the person sees it, and lets go.
    for (const { messenger } of this.devices) {
      for (const { id, state } of await messenger.messages.pendingChanges(this.scene.conversationId)) {
        if (state.status === 'failed') await messenger.messages.discard(id);
      }
    }
    await clock.advance(HEALING_MS);
  }

  async close(): Promise<void> {
    for (const { messenger } of this.devices) await messenger.close();
  }

  /** From here on its frames wait in their queues. */
  #takeOver({ sockets }: Device): void {
    sockets.flow = 'manual';
    for (const pair of sockets.pairs) if (!pair.isClosed) pair.flow = 'manual';
  }

  async #step(): Promise<void> {
    const index = this.#below(this.devices.length);
    const device = this.devices[index];
    if (device === undefined) throw new Error('no such device');
    const choice = this.#below(100);
    if (choice < 34) return this.#deliver(device, 'up');
    if (choice < 68) return this.#deliver(device, 'down');
    if (choice < 78) return this.#say(index, device);
    if (choice < 83) return this.#change(index, device);
    if (choice < 86) return this.#read(device);
    if (choice < 87) return void (await device.messenger.conversations.update(this.scene.conversationId, { draft: `draft ${(this.#words += 1)}` }));
    if (choice < 94) return this.scene.clock.advance(this.#below(3_000));
    if (choice < 96) return this.#lose(device);
    if (choice < 97) return this.scene.server.closeAll(1006);
    if (choice < 98) return device.network.set(!device.network.isOnline());
    if (choice < 99) return this.#restart(index, device);
    return this.#troubleServer();
  }

  /** One frame; now and then all that wait. */
  #deliver({ sockets }: Device, direction: 'up' | 'down'): void {
    for (const pair of sockets.pairs) {
      if (pair.isClosed) continue;
      const queue = queueOf(pair, direction);
      const held = this.#below(4) === 0 ? [] : queue.splice(1);
      if (direction === 'up') pair.flushToServer();
      else pair.flushToClient();
      queue.unshift(...held);
    }
  }

  /** One frame of either direction never arrives. */
  #lose({ sockets }: Device): void {
    const pair = sockets.pairs.findLast(({ isClosed }) => !isClosed);
    if (pair !== undefined) queueOf(pair, this.#below(2) === 0 ? 'up' : 'down').shift();
  }

  async #say(index: number, { messenger }: Device): Promise<void> {
    const text = `${index}:${(this.#words += 1)}`;
    const { clientMsgId } = await messenger.messages.send({ conversationId: this.scene.conversationId, text });
    this.written[index]?.set(clientMsgId, text);
  }

  async #change(index: number, { messenger, store }: Device): Promise<void> {
    const { conversationId } = this.scene;
    const rows = await store.read(async (reader) => {
      const conversation = await reader.getConversation(conversationId);
      return reader.listMessages({ conversationId, fromSeq: 1, toSeq: conversation?.lastSeq ?? 0 });
    });
    const own = this.ownerOf(index);
    const what = (['edit', 'delete', 'react'] as const)[this.#below(3)];
    const candidates = rows.filter(({ senderId, deletedAt }) => deletedAt === undefined && (what === 'react' || senderId === own));
    const message = candidates[this.#below(candidates.length)];
    if (message === undefined) return;
    try {
      if (what === 'edit') await messenger.messages.edit(message.id, `edited ${(this.#words += 1)}`);
      else if (what === 'delete') await messenger.messages.delete(message.id);
      else await messenger.messages.react(message.id, ['👍', '❤️', null][this.#below(3)] ?? null);
    } catch (error) {
      // Deleted on this device already, and the deletion still on its way.
      if (!(error instanceof CoupletError) || error.code !== 'conflict') throw error;
    }
  }

  async #read({ messenger }: Device): Promise<void> {
    const row = await messenger.conversations.get(this.scene.conversationId);
    if (row !== null && row.lastSeq > 0) await messenger.messages.markRead(row.id, 1 + this.#below(row.lastSeq));
  }

  async #restart(index: number, { messenger, store, tokens, network }: Device): Promise<void> {
    await messenger.close();
    const again = this.scene.device({ store, tokens });
    again.network.set(network.isOnline());
    this.devices[index] = again;
    this.#takeOver(again);
    await again.messenger.start();
  }

  #troubleServer(): void {
    const { server, ana, bo } = this.scene;
    const trouble = this.#below(3);
    if (trouble === 0) server.isReachable = !server.isReachable;
    else if (trouble === 1) server.expireAccessTokens();
    else server.world.trimmedTo = Math.min(server.world.position(ana.id), server.world.position(bo.id));
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }
}

function queueOf(pair: SocketPair, direction: 'up' | 'down'): string[] {
  return direction === 'up' ? pair.toServer : pair.toClient;
}

/** Every back-off there is, and every retry after it. */
const HEALING_MS = 5 * 60_000;
