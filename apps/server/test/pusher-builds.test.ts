import type { ConversationId } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from './people.ts';
import { loadPusher, PUSHER_BUILDS } from './pusher-builds.ts';
import { connectEcho, heard, record } from './pusher-client.ts';
import { pusherClientsOfThisFile, startPusherConversation } from './pusher-conversation.ts';
import type { TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let stranger: Person;
let chatId: ConversationId;
beforeAll(async () => {
  ({ server, ana, bo, stranger, chatId } = await startPusherConversation());
});
afterAll(() => server.close());
const { connect, closeAfterTest } = pusherClientsOfThisFile(() => server);

interface Created {
  message: { id: string; text: string };
}

describe.each(PUSHER_BUILDS)('pusher-js, %s', (build) => {
  it('has its subscription signed, receives messages, and types', async () => {
    const [anas, bos] = [await connect(ana, loadPusher(build)), await connect(bo)];
    const channel = await anas.join(`private-chat-${chatId}`);
    const typed = record<unknown>(await bos.join(`private-chat-${chatId}`), 'client-typing');
    const created = record<Created>(channel, 'message_created');
    const sent = await bo.send(chatId, `to ${build}`);
    expect((await created.until(1))[0]?.message).toMatchObject({ id: sent.id, text: `to ${build}` });
    channel.trigger('client-typing', { isTyping: true });
    expect(await typed.until(1)).toEqual([{ isTyping: true }]);
  });

  it("is kept out of somebody else's conversation", async () => {
    const strangers = await connect(stranger, loadPusher(build));
    await expect(strangers.join(`private-chat-${chatId}`)).rejects.toMatchObject({ status: 403 });
  });
});

describe('laravel-echo', () => {
  function echoOf(person: Person) {
    const echo = connectEcho(server, person.token);
    closeAfterTest({ close: () => echo.disconnect() });
    return echo;
  }

  it('listens to a conversation, and whispers in it', async () => {
    const [anas, bos] = [echoOf(ana).private(`chat-${chatId}`), echoOf(bo).private(`chat-${chatId}`)];
    const subscribed = [heard((told) => anas.subscribed(() => told(null))), heard((told) => bos.subscribed(() => told(null)))];
    const created = heard<Created>((told) => anas.listen('.message_created', told));
    const whispers = heard<unknown>((told) => anas.listenForWhisper('typing', told));
    for (const each of subscribed) await each.until(1);
    const sent = await bo.send(chatId, 'to Echo');
    expect((await created.until(1))[0]?.message).toMatchObject({ id: sent.id, text: 'to Echo' });
    bos.whisper('typing', { isTyping: true });
    expect(await whispers.until(1)).toEqual([{ isTyping: true }]);
  });

  it("is told that somebody else's conversation is not open", async () => {
    const errors = heard<{ status: number }>((told) => echoOf(stranger).private(`chat-${chatId}`).error(told));
    expect((await errors.until(1))[0]?.status).toBe(403);
  });

  it('knows who is here, who joins and who leaves', async () => {
    const room = echoOf(ana).join(`chat-${chatId}`);
    const here = heard<{ name: string }[]>((told) => room.here(told));
    const joining = heard<{ name: string }>((told) => room.joining(told));
    const leaving = heard<{ name: string }>((told) => room.leaving(told));
    expect(await here.until(1)).toEqual([[{ name: 'Ana' }]]);
    const bos = echoOf(bo);
    const alsoHere = heard<{ name: string }[]>((told) => bos.join(`chat-${chatId}`).here(told));
    expect((await alsoHere.until(1))[0]).toEqual(expect.arrayContaining([{ name: 'Ana' }, { name: 'Bo' }]));
    expect(await joining.until(1)).toEqual([{ name: 'Bo' }]);
    bos.leave(`chat-${chatId}`);
    expect(await leaving.until(1)).toEqual([{ name: 'Bo' }]);
  });
});
