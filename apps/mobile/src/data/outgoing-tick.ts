/** How far one of the viewer's own stored messages has come, by the peer's watermarks. */
export function outgoingTick(seq: number, peerDeliveredSeq: number, peerReadSeq: number): 'sent' | 'delivered' | 'read' {
  if (seq <= peerReadSeq) return 'read';
  return seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}
