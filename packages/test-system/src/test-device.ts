import { type ClockPort, createMemoryStore, createMessenger, type Messenger, type RandomPort } from '@couplet/client';
import { createMemoryTokenStorage } from '@couplet/client/testing';
import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import { NodeNetwork } from './node-network.ts';
import type { TransportKind } from './transport-kind.ts';
import { until } from './until.ts';

const clock: ClockPort = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

const random: RandomPort = {
  fill: (bytes) => void crypto.getRandomValues(bytes.subarray()),
  fraction: () => Math.random(),
};

/** One installation of the app without a screen: the real client on a real network. */
export class TestDevice {
  readonly network = new NodeNetwork();
  readonly messenger: Messenger;

  constructor(serverUrl: string, deviceName: string, transport: TransportKind) {
    const { http, socket, pusher } = this.network;
    const over = transport === 'pusher' ? { pusher } : {};
    this.messenger = createMessenger(
      { http, socket, ...over, clock, random, network: this.network, tokens: createMemoryTokenStorage(), store: createMemoryStore() },
      { serverUrl, deviceName },
    );
  }

  /** Barrier: connected, and everything that was missed is fetched. */
  async live(): Promise<void> {
    await until('the device is live', () => {
      const state = this.messenger.connection.state();
      return state.status === 'online' && state.phase === 'live';
    });
  }

  /** Barrier: everything sent from here was acknowledged. Fails on a message that the server refused. */
  async sent(): Promise<void> {
    await until('the outbox is empty', async () => (await this.messenger.diagnostics()).outboxSize === 0);
  }

  /** What the thread shows of stored messages, oldest first. */
  async thread(conversationId: ConversationId): Promise<Message[]> {
    const messages: Message[] = [];
    let page = await this.messenger.messages.page({ conversationId, limit: PAGE, at: 'end' });
    messages.unshift(...page.items);
    while (page.hasOlder && messages[0]) {
      page = await this.messenger.messages.page({ conversationId, limit: PAGE, at: 'before', seq: messages[0].seq });
      if (page.items.length === 0) throw new Error('A page says that there is more, and the next one is empty');
      messages.unshift(...page.items);
    }
    return messages;
  }

  /** Barrier: the conversation is on the device and looks as asked. */
  async conversation(id: ConversationId, looks: (conversation: Conversation) => boolean = () => true): Promise<Conversation> {
    return until(`conversation ${id} looks as expected`, async () => {
      const found = await this.messenger.conversations.get(id);
      return found !== null && looks(found) && found;
    });
  }

  close(): Promise<void> {
    return this.messenger.close();
  }
}

const PAGE = 50;
