import type { ConnectionId, ConversationId, Event, Presence, SessionId, UserId } from '@couplet/protocol';

/** A fact that is not durable: it may be lost, the next one corrects it. */
export type Signal =
  | { type: 'chat.typing'; conversationId: ConversationId; userId: UserId; isTyping: boolean; expiresAt: string }
  | ({ type: 'presence.update' } & Presence)
  /** For the node, not for the person: close this session's connections. */
  | { type: 'session.revoked'; sessionId: SessionId }
  /** For the node as well: a block was made, and neither sees the other's presence any longer. */
  | { type: 'peer.severed'; peerId: UserId };

/** What the person's devices are told, in whatever protocol. */
export type Told = Event | Exclude<Signal, { type: 'session.revoked' | 'peer.severed' }>;

/** Something on its way to every connection of one user, but for the one that caused it. */
export interface Delivery {
  to: UserId;
  payload: Event | Signal;
  exceptConnection?: ConnectionId;
}

/** Called in the order of publishing. Must not throw and must not block. */
export type DeliveryListener = (delivery: Delivery) => void;

/**
 * Brings deliveries to every connection of a user on every node. Best effort:
 * the event log is what makes losing one harmless.
 */
export interface Fanout {
  publish(deliveries: readonly Delivery[]): void;
  /** From when it resolves, everything published for this user reaches the listener. */
  subscribe(userId: UserId, listener: DeliveryListener): Promise<() => void>;
  close(): Promise<void>;
}
