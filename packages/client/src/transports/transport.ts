import type { ConversationId, Epoch, Event, Presence, ReconnectAdvice, SendAck, SendBody, SyncPage, UserId } from '@couplet/protocol';

/** A way to be connected to the server. Each implementation passes `describeTransport`. */
export interface Transport {
  /** Begins to connect; what comes of it is told to the listener, never thrown. */
  connect(credentials: TransportCredentials, listener: TransportListener): TransportConnection;
}

export interface TransportCredentials {
  token: string;
  /** How far the device is in its log, for the server's statistics. */
  position: number;
}

/**
 * One connection, from the attempt to its end. Requests reject with
 * `CoupletError`; `unavailable` when the connection ended or no answer came in
 * time. A request has no fourth way to end.
 */
export interface TransportConnection {
  send(message: OutgoingMessage): Promise<SentMessage>;
  sync(query: { epoch: Epoch; since: number; limit: number }): Promise<SyncPage>;
  /** Raises the viewer's watermark. */
  advance(watermark: WatermarkKind, conversationId: ConversationId, seq: number): Promise<void>;
  /** Follow exactly these people. */
  watchPresence(userIds: readonly UserId[]): Promise<void>;
  /** A newer access token of the same session. */
  renew(token: string): Promise<void>;
  /** A signal: lost when the connection is not open. */
  signalTyping(conversationId: ConversationId, isTyping: boolean): void;
  /** `false` while the app is in the background. */
  setActive(isActive: boolean): void;
  /** Find out now whether the other end is still there. */
  probe(): void;
  /** Ends it. Open requests reject; the listener is told nothing more. */
  close(): void;
}

/**
 * Stored and committed. With a `position` this is the message's place in the
 * sender's log and no event follows on this connection; without one the event does.
 * `message` is what the server has: of a replay always, for it may not be any more what was sent.
 */
export type SentMessage = Omit<SendAck, 'position' | 'duplicate'> & { position?: number };

export type OutgoingMessage = SendBody & { conversationId: ConversationId };

export type WatermarkKind = 'delivered' | 'read';

export interface TransportListener {
  /** Authenticated and subscribed: every event after `position` reaches this connection. */
  opened(opening: TransportOpening): void;
  eventArrived(event: Event): void;
  signalArrived(signal: Signal): void;
  /** From time to time: how far the user's log reaches, in the numbering of `opened`. */
  logReaches(position: number): void;
  /** The token of this connection ends soon. */
  tokenExpiring(): void;
  /** The node stops; come back after this delay. The connection closes by itself. */
  drainAnnounced(reconnectInMs: number): void;
  /** Exactly once, also when it never opened; not after `close()`. */
  closed(loss: ConnectionLoss): void;
  /** Something arrived that this version does not understand. */
  frameIgnored(reason: string): void;
}

export interface TransportOpening {
  connectionId: string;
  epoch: Epoch;
  /** The end of the user's log, read after the connection was subscribed. */
  position: number;
}

export interface ConnectionLoss {
  advice: ReconnectAdvice;
  /** One sentence, for people reading diagnostics. */
  reason: string;
  /** What the server asked to wait for. */
  retryAfterMs?: number | undefined;
}

/** A fact that is not durable. */
export type Signal =
  | { type: 'typing'; conversationId: ConversationId; userId: UserId; isTyping: boolean; expiresAt: string }
  | { type: 'presence'; presence: Presence };
