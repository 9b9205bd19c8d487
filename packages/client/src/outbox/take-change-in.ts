import type { Message, UserId } from '@couplet/protocol';
import type { ChangeEntry, ChangeWish } from './outbox-entry.ts';

export type WantedChange = { type: 'edit'; text: string } | { type: 'delete' } | { type: 'reaction'; emoji: string | null };

export interface TakenIn {
  /** What waits from now on; `null` when the message ends as the server has it. */
  add: ChangeWish | null;
  /** What the new change makes needless. */
  drop: ChangeEntry[];
}

/**
 * Takes another change of a message into those that wait. Of several of a kind
 * the last counts, and a deletion counts alone. What may already be carried out
 * at the server stays in its place: the new one follows it.
 *
 * @param waiting the changes of this message, in order
 * @param stored the message as the server has it; `null` while it is in the outbox
 */
export function takeChangeIn(viewerId: UserId, wanted: WantedChange, waiting: readonly ChangeEntry[], stored: Message | null): TakenIn {
  switch (wanted.type) {
    case 'delete':
      return { add: wanted, drop: waiting.filter(({ state }) => state.status !== 'sending') };
    case 'edit': {
      const edits = waiting.filter((entry) => entry.type === 'edit');
      const drop = edits.filter(isReplaceable);
      const follows = edits.filter((entry) => !isReplaceable(entry)).at(-1);
      const before = follows?.text ?? stored?.text;
      return { add: wanted.text === before ? null : wanted, drop };
    }
    case 'reaction': {
      const reactions = waiting.filter((entry) => entry.type === 'reaction');
      const drop = reactions.filter(isReplaceable);
      const follows = reactions.filter((entry) => !isReplaceable(entry)).at(-1);
      const before = follows === undefined ? (stored?.reactions.find(({ userId }) => userId === viewerId)?.emoji ?? null) : follows.emoji;
      return { add: wanted.emoji === before ? null : { ...wanted, userId: viewerId, before }, drop };
    }
  }
}

/** It had no effect yet, and never will if it is taken out now. */
function isReplaceable({ state, mayBeStored }: ChangeEntry): boolean {
  return state.status === 'failed' || (state.status === 'queued' && !mayBeStored);
}
