import { describe, expect, it } from 'vitest';
import { createScene, settle } from './testing/index.ts';

describe('two people talk', () => {
  it('shows what one sends on the other device, in order, with ticks', async () => {
    const { clock, server, ana, bo, conversationId, signedIn } = createScene();
    const phone = await signedIn(ana);
    const laptop = await signedIn(bo);
    expect(phone.messenger.connection.state()).toMatchObject({ status: 'online', phase: 'live' });

    await phone.messenger.messages.send({ conversationId, text: 'hello' });
    await phone.messenger.messages.send({ conversationId, text: 'are you there?' });
    await settle();
    const page = await laptop.messenger.messages.page({ conversationId, at: 'end', limit: 50 });
    expect(page.items.map(({ text }) => text)).toEqual(['hello', 'are you there?']);
    expect((await laptop.messenger.conversations.get(conversationId))?.unreadCount).toBe(2);
    expect(await phone.messenger.messages.pending(conversationId)).toEqual([]);

    await clock.advance(300);
    expect((await phone.messenger.conversations.get(conversationId))?.peerDeliveredSeq).toBe(2);
    await laptop.messenger.messages.markRead(conversationId, 2);
    expect((await laptop.messenger.conversations.get(conversationId))?.unreadCount).toBe(0);
    await clock.advance(300);
    expect((await phone.messenger.conversations.get(conversationId))?.peerReadSeq).toBe(2);
    const sent = await phone.messenger.messages.page({ conversationId, at: 'end', limit: 50 });
    expect(sent.items.every(({ deliveredAt, readAt }) => deliveredAt !== undefined && readAt !== undefined)).toBe(true);
    expect(server.requests.filter(({ name }) => name === 'listMessages')).toEqual([]);
    expect((await phone.messenger.diagnostics()).lastErrors).toEqual([]);
    expect((await laptop.messenger.diagnostics()).lastErrors).toEqual([]);
  });
});
