import type { PendingMessage } from '@couplet/client';
import type { Conversation, UserId } from '@couplet/protocol';
import { messageExcerpt, oneLine } from '../../data/message-excerpt.ts';
import { outgoingTick } from '../../data/outgoing-tick.ts';
import type { Tick } from '../../ui/ticks.tsx';

/** What the second line of a row says. */
export type ChatPreview =
  | { type: 'typing' }
  | { type: 'draft'; text: string }
  | { type: 'said'; text: string; tick: Tick | null; isFaint: boolean }
  | { type: 'nothing' };

export interface ChatPreviewInput {
  conversation: Conversation;
  viewerId: UserId;
  pending: readonly PendingMessage[];
  isPeerTyping: boolean;
  /** The draft of the conversation one is writing in is no news. */
  isSelected: boolean;
}

export function chatPreview({ conversation, viewerId, pending, isPeerTyping, isSelected }: ChatPreviewInput): ChatPreview {
  if (isPeerTyping) return { type: 'typing' };
  if (conversation.draft.trim() !== '' && !isSelected) return { type: 'draft', text: oneLine(conversation.draft) };
  const waiting = pending.findLast(({ isDeleted }) => !isDeleted);
  if (waiting) return { type: 'said', text: oneLine(waiting.text) || waitingFiles(waiting), tick: waiting.state.status === 'failed' ? 'failed' : 'pending', isFaint: false };
  const last = conversation.lastMessage;
  if (!last) return { type: 'nothing' };
  const isMine = last.senderId === viewerId && !last.deletedAt;
  return {
    type: 'said',
    text: messageExcerpt(last),
    tick: isMine ? outgoingTick(last.seq, conversation.peerDeliveredSeq, conversation.peerReadSeq) : null,
    isFaint: last.deletedAt !== undefined,
  };
}

/** As the message will be called once it is stored. */
function waitingFiles({ uploads = [] }: PendingMessage): string {
  if (uploads.every(({ mime }) => mime.startsWith('image/'))) return 'Photo';
  return uploads.every(({ mime }) => /^(image|video)\//.test(mime)) ? 'Video' : 'File';
}
