import type {
  ClientMsgId,
  Conversation,
  ConversationId,
  ConversationSettings,
  Epoch,
  Message,
  MessageId,
  UserId,
} from '@couplet/protocol';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import type { StoredMessageSearch } from './search-index.ts';

/**
 * The device database: the truth on the device. Each implementation passes
 * `describeStore`.
 *
 * Transactions run one after another and are atomic: a body that rejects leaves
 * nothing behind. A body awaits nothing but the store it is given (IndexedDB
 * commits as soon as it is left waiting for something else). A stored row that
 * cannot be read is left out and never rejects.
 */
export interface Store {
  read<Result>(body: (reader: StoreReader) => Promise<Result>): Promise<Result>;
  transaction<Result>(body: (writer: StoreWriter) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface StoreReader {
  getLog(): Promise<LogState>;
  getConversation(id: ConversationId): Promise<Conversation | null>;
  findConversationWith(peerId: UserId): Promise<Conversation | null>;
  /** Pinned first, then by last activity, the latest first. */
  listConversations(query: { limit: number; offset: number }): Promise<Conversation[]>;
  getMessage(id: MessageId): Promise<Message | null>;
  findMessageByClientMsgId(senderId: UserId, clientMsgId: ClientMsgId): Promise<Message | null>;
  /** Those with `fromSeq ≤ seq ≤ toSeq` that are on the device, ascending. */
  listMessages(query: { conversationId: ConversationId; fromSeq: number; toSeq: number }): Promise<Message[]>;
  getOutboxEntry(id: string): Promise<OutboxEntry | null>;
  /**
   * Messages on the device with a word beginning with each of `words`, the newest
   * first (ids sort by time). Deleted ones are not found. Follows every change of
   * the rows; those of an earlier version of the app, and those left for later,
   * are found once `indexEarlierMessages` has come to them.
   */
  searchMessages(query: StoredMessageSearch): Promise<Message[]>;
  /** Whether `searchMessages` sees every message on the device. */
  isSearchComplete(): Promise<boolean>;
  /** In the order in which they were written. */
  listOutbox(conversationId?: ConversationId): Promise<OutboxEntry[]>;
  getReceipts(conversationId: ConversationId): Promise<PendingReceipts | null>;
  listReceipts(): Promise<PendingReceipts[]>;
  getSettings(conversationId: ConversationId): Promise<PendingSettings | null>;
  listSettings(): Promise<PendingSettings[]>;
  getPlace(conversationId: ConversationId): Promise<ReadingPlace | null>;
}

/** `put` replaces the row with the same key. */
export interface StoreWriter extends StoreReader {
  putLog(log: LogState): Promise<void>;
  putConversation(conversation: Conversation): Promise<void>;
  /** Key: (conversationId, seq). `words` tells what the search has to learn of them. */
  putMessages(messages: readonly Message[], words?: WordsOfRows): Promise<void>;
  /**
   * Takes the next messages (about `limit`) that are not in the search index yet
   * into it: of an earlier version of the app, or left for later. Answers whether
   * the search is complete now. In pieces, for all messages of a phone take seconds.
   */
  indexEarlierMessages(limit: number): Promise<boolean>;
  putOutboxEntry(entry: OutboxEntry): Promise<void>;
  deleteOutboxEntry(id: string): Promise<void>;
  putReceipts(receipts: PendingReceipts): Promise<void>;
  deleteReceipts(conversationId: ConversationId): Promise<void>;
  putSettings(settings: PendingSettings): Promise<void>;
  deleteSettings(conversationId: ConversationId): Promise<void>;
  /** `null`: at the end, where a conversation opens by itself. */
  putPlace(conversationId: ConversationId, place: ReadingPlace | null): Promise<void>;
  /** Conversations and messages: what a snapshot replaces. What the device still has to tell the server stays. */
  clearServerState(): Promise<void>;
  /** Everything, the log's state included. */
  clear(): Promise<void>;
}

/**
 * What a write of messages means to the search. `changed`: found by their words
 * when the transaction ends. `later`: none of them was there before, and they may
 * be left to `indexEarlierMessages`. `same`: the rows were there with these words.
 */
export type WordsOfRows = 'changed' | 'later' | 'same';

/** Where somebody stopped reading in the middle of a conversation. */
export interface ReadingPlace {
  /** Of the first message in view. */
  seq: number;
  /** Points from the top of the view to the top of that message; negative when it is partly above. */
  offset: number;
}

/** Whose device this is and how far it is in that user's log. */
export interface LogState {
  owner: UserId | null;
  /** `null` before the first snapshot. */
  epoch: Epoch | null;
  position: number;
  /** Where the server's list of conversations goes on past those on the device; `null` at its end. */
  olderConversations: string | null;
}

export const EMPTY_LOG: LogState = { owner: null, epoch: null, position: 0, olderConversations: null };

/** Watermarks of the viewer that the server has not confirmed yet; 0 where there is none. */
export interface PendingReceipts {
  conversationId: ConversationId;
  deliveredSeq: number;
  readSeq: number;
}

/** Settings the viewer changed and the server has not confirmed yet. */
export interface PendingSettings {
  conversationId: ConversationId;
  settings: ConversationSettings;
}
