import type { ConversationId, UserId } from '@couplet/protocol';
import { Touched } from '../store/touched.ts';
import type { StoreReader } from '../store/store.ts';

/** What one tab tells the others of the same device database. Names rows, never carries them: the database is the truth. */
export type SiblingNote =
  | {
      type: 'changed';
      owner: UserId;
      conversations: ConversationId[];
      outboxes: ConversationId[];
      messages: [ConversationId, seqs: number[]][];
    }
  /** A snapshot replaced everything. */
  | { type: 'resynced'; owner: UserId }
  /** What the person wants of files over a metered connection. */
  | { type: 'metered'; owner: UserId; waits: boolean }
  /** The person signed out in that tab, and the device was wiped. */
  | { type: 'signed-out'; owner: UserId };

export function noteOf(owner: UserId, touched: Touched): SiblingNote {
  return {
    type: 'changed',
    owner,
    conversations: [...touched.conversations],
    outboxes: [...touched.outboxes],
    messages: touched.messages().map(([id, messages]) => [id, messages.map(({ seq }) => seq)]),
  };
}

/** `null` for what another version of the app says and this one does not know. */
export function parseNote(value: unknown): SiblingNote | null {
  const note = value as Partial<SiblingNote> | null | undefined;
  if (typeof note?.owner !== 'string') return null;
  switch (note.type) {
    case 'changed':
      return Array.isArray(note.conversations) && Array.isArray(note.outboxes) && Array.isArray(note.messages) ? (note as SiblingNote) : null;
    case 'metered':
      return typeof note.waits === 'boolean' ? (note as SiblingNote) : null;
    case 'resynced':
    case 'signed-out':
      return note as SiblingNote;
    default:
      return null;
  }
}

/** The rows that a note names, as they are in the database now. */
export async function touchedBy(note: Extract<SiblingNote, { type: 'changed' }>, reader: StoreReader): Promise<Touched> {
  const touched = new Touched();
  for (const id of note.conversations) touched.conversations.add(id);
  for (const id of note.outboxes) touched.outboxes.add(id);
  for (const [conversationId, seqs] of note.messages) {
    for (const seq of seqs) touched.addMessages(await reader.listMessages({ conversationId, fromSeq: seq, toSeq: seq }));
  }
  return touched;
}
