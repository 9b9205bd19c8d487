import { type ConversationId, type Event, type Message, type Presence, type SessionId, sessionIdSchema, type UserId, userIdSchema } from '@couplet/protocol';
import type { Fanout } from '../../fanout/fanout.ts';
import type { OwnChannel } from './channel-name.ts';

/** A user of the messenger behind a connection. */
export interface Who {
  userId: UserId;
  sessionId: SessionId;
}

export type ReceiptEvent = Extract<Event, { type: 'chat.message.delivered' | 'chat.message.read' }>;

/** What the gateway asks of the messenger for its own channels. */
export interface OwnChannelNeeds {
  fanout: Pick<Fanout, 'subscribe'>;
  /** Whether the session was not ended meanwhile. */
  stands(who: Who): Promise<boolean>;
  /** False when this user has too many sockets. */
  arrived(userId: UserId): boolean;
  departed(userId: UserId): void;
  /** Null unless the user is a member. */
  peerIn(conversationId: ConversationId, userId: UserId): Promise<UserId | null>;
  /** Whether they have a conversation and no block either way. */
  isReachable(viewerId: UserId, userId: UserId): Promise<boolean>;
  /** Whom the viewer talks with: the last active ones. */
  peersOf(viewerId: UserId): Promise<UserId[]>;
  presenceOf(viewerId: UserId, userId: UserId): Promise<Presence>;
  /** Follows exactly these people: tells what they are now, and every change. */
  watchPresence(viewerId: UserId, socketId: string, userIds: readonly UserId[], notify: (presence: Presence) => void): Promise<void>;
  unwatch(socketId: string): void;
  /** @returns whether the peer was told */
  setTyping(viewerId: UserId, conversationId: ConversationId, isTyping: boolean): Promise<boolean>;
  /** A message in the shape of the chat endpoints. */
  chatMessage(message: Message, viewerId: UserId): object;
  /** The messages whose state this receipt changed, in that shape. */
  coveredMessages(receipt: ReceiptEvent, viewerId: UserId): Promise<object[]>;
}

/** Leave to join, with whom the channel is shared where that is one person. */
export interface Admission {
  peerId: UserId | undefined;
}

/**
 * The one rule of who may join a channel of ours, for the endpoint that signs
 * and again when the signature is shown. Null: no.
 */
export async function admit(
  needs: Pick<OwnChannelNeeds, 'peerIn' | 'isReachable'>,
  viewerId: UserId,
  channel: OwnChannel,
): Promise<Admission | null> {
  switch (channel.type) {
    case 'private-user':
      return channel.userId === viewerId ? { peerId: undefined } : null;
    case 'presence-user':
      if (channel.userId === viewerId) return { peerId: undefined };
      return (await needs.isReachable(viewerId, channel.userId)) ? { peerId: channel.userId } : null;
    case 'private-chat': {
      const peerId = await needs.peerIn(channel.conversationId, viewerId);
      return peerId && { peerId };
    }
    case 'presence-chat': {
      const peerId = await needs.peerIn(channel.conversationId, viewerId);
      return peerId && (await needs.isReachable(viewerId, peerId)) ? { peerId } : null;
    }
  }
}

/** A user of the messenger: only what this server signed names a session. */
export function whoIs(id: string, session: string | undefined): Who | undefined {
  const [userId, sessionId] = [userIdSchema.safeParse(id), sessionIdSchema.safeParse(session)];
  return userId.success && sessionId.success ? { userId: userId.data, sessionId: sessionId.data } : undefined;
}

export function isSamePerson(one: Who, other: Who): boolean {
  return one.userId === other.userId && one.sessionId === other.sessionId;
}
