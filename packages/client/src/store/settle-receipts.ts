import type { Conversation } from '@couplet/protocol';
import type { StoreWriter } from './store.ts';

/** Drops the viewer's read watermark from what is still to be told once the server's state has reached it. */
export async function settleReceipts(writer: StoreWriter, { id, readSeq }: Conversation): Promise<void> {
  const receipts = await writer.getReceipts(id);
  if (receipts === null || receipts.readSeq === 0 || receipts.readSeq > readSeq) return;
  // Read implies delivered, so a delivery up to here needs no telling either.
  if (receipts.deliveredSeq <= readSeq) await writer.deleteReceipts(id);
  else await writer.putReceipts({ ...receipts, readSeq: 0 });
}
