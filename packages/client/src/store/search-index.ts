import { type ConversationId, type Message, type MessageId, searchWords } from '@couplet/protocol';

/** What a search on the device asks for: the server's search, on the messages that are here. */
export interface StoredMessageSearch {
  /** As `searchWords` gives them. Of none of them nothing is found. */
  words: readonly string[];
  conversationId?: ConversationId;
  /** Only messages older than this one. */
  before?: MessageId;
  limit: number;
}

/** The words by which a message is found; none for a tombstone. */
export function wordsOf(message: Message): string[] {
  return message.deletedAt === undefined && message.text !== undefined ? searchWords(message.text) : [];
}

/** Whether each of `wanted` is the beginning of one of a message's words. */
export function holdsWords(words: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((start) => words.some((word) => word.startsWith(start)));
}
