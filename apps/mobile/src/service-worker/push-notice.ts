/** What the server puts into a push. */
export type PushNotice = { conversationId: string; seq: number; badge: number } & ({ type: 'message'; title: string; body: string } | { type: 'read' });

/** It goes into an address of the app. */
const CONVERSATION_ID = /^[0-9a-f-]{36}$/;

/** Null for what no server of ours sent, or a later version of it. */
export function readPush(payload: unknown): PushNotice | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { type, conversationId, seq, badge, title, body } = payload as Record<string, unknown>;
  if (typeof conversationId !== 'string' || !CONVERSATION_ID.test(conversationId)) return null;
  // Phones' services carry text only.
  const facts = { conversationId, seq: Number(seq), badge: Number(badge) };
  if (!Number.isInteger(facts.seq) || !Number.isInteger(facts.badge) || facts.badge < 0) return null;
  switch (type) {
    case 'message':
      return typeof title === 'string' && typeof body === 'string' ? { type, ...facts, title, body } : null;
    case 'read':
      return { type, ...facts };
    default:
      return null;
  }
}
