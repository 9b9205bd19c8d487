import type { OutgoingFile } from '@couplet/client';
import type { ConversationId, Message } from '@couplet/protocol';
import { useMutation } from '@tanstack/react-query';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { applyOwnChange } from './apply-event.ts';

export interface SendInput {
  /** Left out where files say it. */
  text?: string;
  replyTo?: Message;
  files?: readonly OutgoingFile[];
}

/**
 * Says something. The messenger's outbox is the truth: the mutation ends when the
 * message is in it, and from there it goes out by itself, with or without this
 * screen. The bubble comes with the outbox's own event.
 */
export function useSendMessage(conversationId: ConversationId, onRefused: (input: SendInput) => void) {
  const messenger = useMessenger();
  return useMutation({
    mutationKey: ['send-message', conversationId],
    mutationFn: (input: SendInput) => messenger.messages.send({ conversationId, ...input }),
    // Files are sent beside what is being written.
    onMutate: ({ files }, { client }) => (files === undefined ? applyOwnChange(client, conversationId, { draft: '' }) : undefined),
    // The device could not store it: the words go back to where they were written.
    onError: (_error, input) => onRefused(input),
  });
}
