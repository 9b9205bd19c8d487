import type { Event } from '@couplet/protocol';
import type { Fanout } from '../../fanout/fanout.ts';
import type { StoredReceipt } from '../../write-path/commit-receipts.ts';

/** Brings risen watermarks to the devices they concern, in commit order. */
export function deliverReceipts(fanout: Fanout, stored: readonly StoredReceipt[]): void {
  fanout.publish(
    stored.flatMap((receipt) =>
      receipt.events.map(({ to, position, unreadCount }) => ({ to, payload: receiptEvent(receipt, position, unreadCount) })),
    ),
  );
}

function receiptEvent(receipt: StoredReceipt, position: number, unreadCount: number): Event {
  const { conversationId, userId, seq, messageId, at } = receipt;
  const facts = { position, conversationId, userId, seq, messageId, at };
  switch (receipt.kind) {
    case 'delivered':
      return { type: 'chat.message.delivered', ...facts };
    case 'read':
      return { type: 'chat.message.read', ...facts, unreadCount };
  }
}
