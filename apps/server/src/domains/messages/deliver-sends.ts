import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import type { Delivery, Fanout } from '../../fanout/fanout.ts';
import type { StoredSend } from '../../write-path/sends.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { newMessageView } from './message-view.ts';

/** Brings a committed batch to the devices of both members, in commit order. */
export function deliverSends(
  needs: { fanout: Fanout; log: EventLogReader; attachmentLinks: AttachmentLinks },
  stored: readonly StoredSend[],
  onError: (error: unknown) => void,
): void {
  const { fanout, log, attachmentLinks } = needs;
  const deliveries: Delivery[] = [];
  for (const send of stored) {
    const message = newMessageView(send, attachmentLinks);
    const event = (position: number, unreadCount: number) => ({ type: 'chat.message.new', position, message, unreadCount }) as const;
    deliveries.push({ to: send.receiverId, payload: event(send.receiverPosition, send.receiverUnread) });
    deliveries.push({
      to: send.senderId,
      payload: event(send.senderPosition, send.senderUnread),
      ...(send.origin ? { exceptConnection: send.origin } : {}),
    });
  }
  fanout.publish(deliveries);
  // First messages only: what a newcomer sees of the conversation has to be read.
  const begun = stored.flatMap((send) =>
    send.begun.map(({ userId, position }) => ({
      userId,
      position,
      type: 'conversation.updated' as const,
      conversationId: send.conversationId,
    })),
  );
  if (begun.length > 0) deliverAppended(log, fanout, begun).catch(onError);
}
