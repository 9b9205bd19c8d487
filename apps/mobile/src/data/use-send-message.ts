import type { PendingMessage, SendInput as MessengerInput } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { useMutation } from '@tanstack/react-query';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { messageComposed, messageWritten } from '../state/outbox-slice.ts';
import { useAppDispatch } from '../state/store.ts';
import { applyOwnChange } from './apply-event.ts';

export type SendInput = Omit<MessengerInput, 'conversationId'>;

/**
 * Says something. The messenger's outbox is the truth: the mutation ends when the
 * message is in it, and from there it goes out by itself, with or without this
 * screen. The bubble is shown while the device writes; the outbox's own event
 * takes its place.
 */
export function useSendMessage(conversationId: ConversationId, onRefused: (input: SendInput) => void) {
  const messenger = useMessenger();
  const dispatch = useAppDispatch();
  return useMutation({
    mutationKey: ['send-message', conversationId],
    mutationFn: async (input: SendInput) => {
      const shown: PendingMessage[] = [];
      try {
        return await messenger.messages.send({ conversationId, ...input }, (pending) => {
          shown.push(pending);
          dispatch(messageComposed(pending));
        });
      } finally {
        for (const pending of shown) dispatch(messageWritten(pending));
      }
    },
    onMutate: ({ clearsDraft }, { client }) => (clearsDraft ? applyOwnChange(client, conversationId, { draft: '' }) : undefined),
    // The device could not store it: the words go back to where they were written.
    onError: (_error, input) => onRefused(input),
  });
}
