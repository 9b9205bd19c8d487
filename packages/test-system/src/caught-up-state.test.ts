import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestDevice } from './test-device.ts';
import { TestSystem, type TestUser } from './test-system.ts';
import { until } from './until.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.create();
});
afterAll(() => system.close());

const DEVICES = 3;
const step = fc.record({
  device: fc.nat(DEVICES - 1),
  what: fc.constantFrom('send', 'send', 'reply', 'edit', 'react', 'unreact', 'delete', 'read', 'pin', 'draft', 'rename', 'unplug', 'plug'),
  which: fc.nat(50),
});

/** Everything a device shows of one conversation. */
async function shown(device: TestDevice, id: ConversationId): Promise<{ conversation: Conversation | null; thread: Message[] }> {
  return { conversation: await device.messenger.conversations.get(id), thread: await device.thread(id) };
}

it('[S3] old state and events give what a fresh snapshot gives, for every kind of change, on devices that come and go', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), async (steps) => {
      round += 1;
      const [ana, bo] = [await system.createUser(`Ana ${round}`), await system.createUser(`Bo ${round}`)] as const;
      const devices = [await system.signIn(ana), await system.signIn(bo), await system.signIn(bo)];
      const owners: TestUser[] = [ana, bo, bo];
      const first = devices[0];
      if (!first) throw new Error('unreachable');
      const { id } = await first.messenger.conversations.openWith(bo.viewer.id);
      await first.messenger.messages.send({ conversationId: id, text: 'first' });
      await system.settled();

      for (const [n, { device: index, what, which }] of steps.entries()) {
        const [device, owner] = [devices[index], owners[index]];
        if (!device || !owner) throw new Error('unreachable');
        const { messenger } = device;
        const { items } = await messenger.messages.page({ conversationId: id, limit: 50, at: 'end' });
        const message = items[which % items.length];
        const mine = items.filter((item) => item.senderId === owner.viewer.id && !item.deletedAt)[0];
        const alive = items.filter((item) => !item.deletedAt)[0];
        // Settings and names need the server; what is said and changed is written down and goes out later.
        const isOnline = device.network.isOnline();
        if (what === 'send') await messenger.messages.send({ conversationId: id, text: `text ${n}` });
        else if (what === 'reply' && alive) await messenger.messages.send({ conversationId: id, text: `reply ${n}`, replyTo: alive });
        else if (what === 'edit' && mine) await messenger.messages.edit(mine.id, `edited ${n}`).catch(refusedAsGone);
        else if (what === 'react' && alive) await messenger.messages.react(alive.id, '👍').catch(refusedAsGone);
        else if (what === 'unreact' && message) await messenger.messages.react(message.id, null).catch(refusedAsGone);
        else if (what === 'delete' && mine) await messenger.messages.delete(mine.id).catch(refusedAsGone);
        else if (what === 'read' && message) await messenger.messages.markRead(id, message.seq);
        else if (what === 'pin' && isOnline) await messenger.conversations.update(id, { pinned: which % 2 === 0 });
        else if (what === 'draft' && isOnline) await messenger.conversations.update(id, { draft: `draft ${n}` });
        else if (what === 'rename' && isOnline) await messenger.session.updateProfile({ name: `Name ${n}` });
        else if (what === 'unplug') device.network.unplug();
        else if (what === 'plug') device.network.plug();
      }
      for (const device of devices) device.network.plug();
      await until('everything is sent or was refused', async () => {
        const left = await Promise.all(devices.map((device) => letGoOfRefused(device, id)));
        return left.every((count) => count === 0);
      });
      await system.settled();

      for (const owner of [ana, bo]) {
        const fresh = await system.signIn(owner);
        await system.settled();
        const expected = await shown(fresh, id);
        for (const [index, device] of devices.entries()) if (owners[index] === owner) expect(await shown(device, id)).toEqual(expected);
      }
      for (const device of system.devices.splice(0)) await device.close();
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 120_000);

/** Another device deleted the message before this one's change of it arrived: the person sees it, and lets go. Answers how much is left to be sent. */
async function letGoOfRefused({ messenger }: TestDevice, id: ConversationId): Promise<number> {
  for (const { id: change, state } of await messenger.messages.pendingChanges(id)) if (state.status === 'failed') await messenger.messages.discard(change);
  return (await messenger.diagnostics()).outboxSize;
}

/** Another device deleted the message a moment ago: nothing was changed, which is what the test compares. */
function refusedAsGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'conflict')) throw error;
}
