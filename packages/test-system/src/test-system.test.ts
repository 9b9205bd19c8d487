import { afterEach, describe, expect, it } from 'vitest';
import { TestSystem } from './test-system.ts';

let system: TestSystem;

afterEach(() => system.close());

describe.each(['native', 'pusher'] as const)('two people in one system, over the %s transport', (transport) => {
  it('[D5] both and all their devices show the conversation in the same order', async () => {
    system = await TestSystem.create({ transport });
    const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
    const [anasPhone, anasLaptop, bosPhone] = [await system.signIn(ana), await system.signIn(ana), await system.signIn(bo)];
    const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
    await system.settled();

    const texts = (who: string) => Array.from({ length: 20 }, (_, index) => `${who} ${index}`);
    await anasPhone.messenger.messages.send({ conversationId: id, text: 'first' });
    await bosPhone.conversation(id);
    await Promise.all([
      ...texts('phone').map((text) => anasPhone.messenger.messages.send({ conversationId: id, text })),
      ...texts('laptop').map((text) => anasLaptop.messenger.messages.send({ conversationId: id, text })),
      ...texts('bo').map((text) => bosPhone.messenger.messages.send({ conversationId: id, text })),
    ]);
    await system.settled();

    const shown = (await anasPhone.thread(id)).map(({ seq, text }) => ({ seq, text }));
    expect(shown.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
    for (const device of [anasLaptop, bosPhone]) {
      expect((await device.thread(id)).map(({ seq, text }) => ({ seq, text }))).toEqual(shown);
    }
    for (const who of ['phone', 'laptop', 'bo']) {
      expect(shown.filter(({ text }) => text?.startsWith(`${who} `)).map(({ text }) => text)).toEqual(texts(who));
    }
  });

  it('[S3] a device that was away shows what one that stayed shows', async () => {
    system = await TestSystem.create({ transport });
    const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
    const [anasPhone, bosPhone, bosLaptop] = [await system.signIn(ana), await system.signIn(bo), await system.signIn(bo)];
    const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
    await anasPhone.messenger.messages.send({ conversationId: id, text: 'before' });
    await system.settled();

    bosLaptop.network.unplug();
    for (let index = 0; index < 30; index += 1) await anasPhone.messenger.messages.send({ conversationId: id, text: `while away ${index}` });
    await bosLaptop.messenger.messages.send({ conversationId: id, text: 'written on the train' });
    await anasPhone.sent();
    await bosPhone.conversation(id, ({ lastSeq }) => lastSeq === 31);
    await bosPhone.messenger.messages.markRead(id, 20);
    bosLaptop.network.plug();
    await bosLaptop.conversation(id, ({ unreadCount, readSeq }) => readSeq === 20 && unreadCount === 11);
    await system.settled();

    expect((await bosLaptop.thread(id)).at(-1)?.text).toBe('written on the train');
    expect(await bosLaptop.thread(id)).toEqual(await bosPhone.thread(id));
    expect(await bosLaptop.messenger.conversations.get(id)).toEqual(await bosPhone.messenger.conversations.get(id));
  });

  it('[D1] an acknowledged message survives kill -9 of the node', async () => {
    system = await TestSystem.create({ asProcess: true, transport });
    const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
    const [anasPhone, bosPhone] = [await system.signIn(ana), await system.signIn(bo)];
    const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
    await anasPhone.messenger.messages.send({ conversationId: id, text: 'hello' });
    await bosPhone.conversation(id);

    bosPhone.network.unplug();
    for (let index = 0; index < 20; index += 1) await anasPhone.messenger.messages.send({ conversationId: id, text: `acknowledged ${index}` });
    await anasPhone.sent();
    await system.kill();
    await anasPhone.messenger.messages.send({ conversationId: id, text: 'while it was dead' });
    await system.start();
    bosPhone.network.plug();
    anasPhone.messenger.connection.wake();
    await system.settled();

    const texts = (await bosPhone.thread(id)).map(({ text }) => text);
    expect(texts).toEqual(['hello', ...Array.from({ length: 20 }, (_, index) => `acknowledged ${index}`), 'while it was dead']);
  });

});
