import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import { presentConversation, readUnconfirmed } from '../conversations/present-conversation.ts';
import type { MessengerEvent } from '../messenger-interface.ts';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import { presentChanges, presentMessages, presentPending } from '../outbox/present-outbox.ts';
import type { Report } from '../problem-log.ts';
import type { Store, StoreReader } from './store.ts';
import type { Touched } from './touched.ts';

export type Announce = (touched: Touched) => Promise<void>;

/**
 * Tells listeners what changed in the store, after it is there: each message, list row and outbox as a screen shows it.
 *
 * One announcement after another: readings beside each other end in any order, and what
 * a longer one saw before a shorter one would be told last, and stay on the screen.
 */
export function createAnnouncer(store: Store, emit: (event: MessengerEvent) => void, report: Report): Announce {
  async function tell(touched: Touched): Promise<void> {
    try {
      // The stored message before the outbox without it: a list keyed by
      // clientMsgId shows one row at every moment.
      for (const event of await store.read((reader) => eventsOf(reader, touched))) emit(event);
    } catch (error) {
      report('announce', error);
    }
  }
  let telling: Promise<void> = Promise.resolve();
  return async (touched) => {
    if (touched.isEmpty) return;
    telling = telling.then(() => tell(touched));
    await telling;
  };
}

async function eventsOf(reader: StoreReader, touched: Touched): Promise<MessengerEvent[]> {
  const outbox = await reader.listOutbox();
  const entriesOf = (id: ConversationId) => outbox.filter(({ conversationId }) => conversationId === id);
  const events: MessengerEvent[] = [];
  for (const [conversationId, rows] of touched.messages()) {
    // The outbox may have changed once more since these rows were written, and the rows with it:
    // the two are shown as they are at one moment.
    const current = touched.outboxes.has(conversationId) ? await readAgain(reader, rows) : rows;
    events.push({ type: 'messages-changed', conversationId, messages: presentMessages(current, entriesOf(conversationId)) });
  }
  for (const conversationId of touched.outboxes) {
    const entries = entriesOf(conversationId);
    events.push({ type: 'pending-changed', conversationId, pending: presentPending(entries), changes: presentChanges(entries) });
  }
  const conversations = await presentAll(reader, touched.conversations, entriesOf);
  if (conversations.length > 0) events.push({ type: 'conversations-changed', conversations });
  return events;
}

/** All at once: a catch-up touches hundreds, and each wait for the database is one. */
async function presentAll(reader: StoreReader, ids: ReadonlySet<ConversationId>, entriesOf: (id: ConversationId) => OutboxEntry[]): Promise<Conversation[]> {
  const unconfirmed = ids.size > 1 ? await readUnconfirmed(reader) : null;
  const presented = await Promise.all(
    [...ids].map(async (id) => {
      const conversation = await reader.getConversation(id);
      return conversation === null ? [] : [await presentConversation(reader, conversation, entriesOf(id), unconfirmed)];
    }),
  );
  return presented.flat();
}

async function readAgain(reader: StoreReader, rows: readonly Message[]): Promise<Message[]> {
  const current: Message[] = [];
  for (const { conversationId, seq } of rows) current.push(...(await reader.listMessages({ conversationId, fromSeq: seq, toSeq: seq })));
  return current;
}
