import { type ConnectionId, type Presence, type UserId, userIdSchema } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NodePresence } from './node-presence.ts';

const ana = userIdSchema.parse('00000000-0000-7000-8000-000000000001');
const bo = userIdSchema.parse('00000000-0000-7000-8000-000000000002');
/** Timers of other files in this process are not ours to run to their end. */
const LONG_MS = 60_000;

let left: UserId[];
let told: Presence['status'][];
let presence: NodePresence;
beforeEach(() => {
  vi.useFakeTimers();
  left = [];
  told = [];
  presence = new NodePresence({ now: Date.now, onLeft: (userId) => left.push(userId), elsewhere: null });
  presence.watch({ viewerId: bo, connectionId: 'c' as ConnectionId, notify: ({ status }) => told.push(status) }, [ana]);
  presence.arrived(ana);
});
afterEach(() => vi.useRealTimers());

describe('presence on a node', () => {
  it('tells nothing of a reload', async () => {
    presence.departed(ana);
    await vi.advanceTimersByTimeAsync(2_000);
    presence.arrived(ana);
    await vi.advanceTimersByTimeAsync(LONG_MS);
    expect(told).toEqual(['online']);
  });

  it('tells offline three seconds after the last connection is gone', async () => {
    presence.arrived(ana);
    presence.departed(ana);
    await vi.advanceTimersByTimeAsync(LONG_MS);
    expect(told).toEqual(['online']);
    presence.departed(ana);
    expect(left).toEqual([ana]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told).toEqual(['online', 'offline']);
  });

  it('gives those whom it sends elsewhere, because it stops, the time they were told to come back in', async () => {
    presence.expectBackWithin(5_000);
    presence.departed(ana);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(told).toEqual(['online']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['online', 'offline']);
  });
});
