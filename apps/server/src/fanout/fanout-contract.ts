import type { UserId } from '@couplet/protocol';
import { expect, it } from 'vitest';
import type { Delivery, Fanout } from './fanout.ts';

/**
 * What every fan-out must do. `make` gives two nodes' views of one deployment
 * (the same object where there is one node) and a barrier that resolves when
 * everything published so far has arrived.
 */
export function describeFanout(make: () => Promise<{ near: Fanout; far: Fanout; settled: () => Promise<void>; close: () => Promise<void> }>): void {
  const ana = '0190a1b2-0000-7000-8000-00000000000a' as UserId;
  const bo = '0190a1b2-0000-7000-8000-00000000000b' as UserId;
  const presence = (to: UserId, n: number): Delivery => ({
    to,
    payload: { type: 'presence.update', userId: bo, status: 'online', lastSeenAt: `2026-01-01T00:00:00.${String(n).padStart(6, '0')}Z` },
  });

  it('brings a delivery to every listener of the user, on every node, once', async () => {
    const { near, far, settled, close } = await make();
    const seen: Delivery[][] = [[], [], []];
    await near.subscribe(ana, (delivery) => seen[0]?.push(delivery));
    await near.subscribe(ana, (delivery) => seen[1]?.push(delivery));
    await far.subscribe(ana, (delivery) => seen[2]?.push(delivery));
    near.publish([presence(ana, 1)]);
    await settled();
    expect(seen).toEqual([[presence(ana, 1)], [presence(ana, 1)], [presence(ana, 1)]]);
    await close();
  });

  it('brings nothing to other users', async () => {
    const { near, far, settled, close } = await make();
    const seen: Delivery[] = [];
    await far.subscribe(bo, (delivery) => seen.push(delivery));
    near.publish([presence(ana, 1)]);
    await settled();
    expect(seen).toEqual([]);
    await close();
  });

  it('keeps the order of one publisher', async () => {
    const { near, far, settled, close } = await make();
    const seen: Delivery[] = [];
    await far.subscribe(ana, (delivery) => seen.push(delivery));
    const sent = Array.from({ length: 100 }, (_, n) => presence(ana, n));
    near.publish(sent.slice(0, 50));
    for (const delivery of sent.slice(50)) near.publish([delivery]);
    await settled();
    expect(seen).toEqual(sent);
    await close();
  });

  it('brings everything published after subscribe resolved, and nothing after unsubscribe', async () => {
    const { near, far, settled, close } = await make();
    const seen: Delivery[] = [];
    const unsubscribe = await far.subscribe(ana, (delivery) => seen.push(delivery));
    near.publish([presence(ana, 1)]);
    await settled();
    unsubscribe();
    unsubscribe();
    near.publish([presence(ana, 2)]);
    await settled();
    expect(seen).toEqual([presence(ana, 1)]);
    await close();
  });

  it('keeps the connection to leave out with the delivery', async () => {
    const { near, far, settled, close } = await make();
    const seen: Delivery[] = [];
    await far.subscribe(ana, (delivery) => seen.push(delivery));
    const delivery = { ...presence(ana, 1), exceptConnection: 'c-1' as Delivery['exceptConnection'] };
    near.publish([delivery]);
    await settled();
    expect(seen).toEqual([delivery]);
    await close();
  });
}
