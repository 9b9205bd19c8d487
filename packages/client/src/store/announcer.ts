import type { Conversation } from '@couplet/protocol';
import { presentConversation } from '../conversations/present-conversation.ts';
import type { MessengerEvent } from '../messenger-interface.ts';
import { type PendingMessage, toPendingMessage } from '../outbox/outbox-entry.ts';
import type { Report } from '../problem-log.ts';
import type { Store } from './store.ts';
import type { Touched } from './touched.ts';

export type Announce = (touched: Touched) => Promise<void>;

/** Tells listeners what changed in the store, after it is there: each list row and outbox as a screen shows it. */
export function createAnnouncer(store: Store, emit: (event: MessengerEvent) => void, report: Report): Announce {
  return async (touched) => {
    if (touched.isEmpty) return;
    try {
      const events = await store.read(async (reader) => {
        const conversations: Conversation[] = [];
        for (const id of touched.conversations) {
          const conversation = await reader.getConversation(id);
          if (conversation !== null) conversations.push(await presentConversation(reader, conversation));
        }
        const outboxes: { conversationId: Conversation['id']; pending: PendingMessage[] }[] = [];
        for (const conversationId of touched.outboxes) {
          outboxes.push({ conversationId, pending: (await reader.listOutbox(conversationId)).map(toPendingMessage) });
        }
        return { conversations, outboxes };
      });
      // The stored message before the outbox without it: a list keyed by
      // clientMsgId shows one row at every moment.
      for (const [conversationId, messages] of touched.messages()) emit({ type: 'messages-changed', conversationId, messages });
      for (const { conversationId, pending } of events.outboxes) emit({ type: 'pending-changed', conversationId, pending });
      if (events.conversations.length > 0) emit({ type: 'conversations-changed', conversations: events.conversations });
    } catch (error) {
      report('announce', error);
    }
  };
}
