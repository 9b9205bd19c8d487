import type { PendingMessage, SendInput as MessengerInput } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { messageComposed, messageWritten } from '../state/outbox-slice.ts';
import { useAppDispatch } from '../state/store.ts';

export type SendInput = Omit<MessengerInput, 'conversationId'>;

/**
 * Says something. The messenger's outbox is the truth: the mutation ends when the
 * message is in it, and from there it goes out by itself, with or without this
 * screen. The bubble is shown while the device writes; the outbox's own event
 * takes its place. What it returns resolves when the device has it, or refused it.
 *
 * Order matters. The send begins in the caller's turn, and words are composed in
 * it: what else the caller changes (the field that empties) and the bubble are one
 * render. A mutation takes turns of its own before it begins, and a hook of one
 * renders the screen when it begins and when it ends: this one only watches.
 */
export function useSendMessage(conversationId: ConversationId, onRefused: (input: SendInput, error: unknown) => void): (input: SendInput) => Promise<void> {
  const messenger = useMessenger();
  const queryClient = useQueryClient();
  const dispatch = useAppDispatch();

  async function write(input: SendInput): Promise<PendingMessage> {
    const shown: PendingMessage[] = [];
    try {
      return await messenger.messages.send({ conversationId, ...input }, (pending) => {
        shown.push(pending);
        dispatch(messageComposed(pending));
      });
    } finally {
      for (const pending of shown) dispatch(messageWritten(pending));
    }
  }

  return (input) => {
    const written = write(input);
    const mutation = queryClient.getMutationCache().build(queryClient, { mutationKey: ['send-message', conversationId], mutationFn: () => written });
    // The device could not store it: the words go back to where they were written.
    return mutation.execute(input).then(
      () => undefined,
      (error: unknown) => onRefused(input, error),
    );
  };
}
