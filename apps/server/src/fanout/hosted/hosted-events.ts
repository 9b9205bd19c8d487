import type { Event, Message, UserId } from '@couplet/protocol';
import { ownChannelName } from '../../socket/pusher/channel-name.ts';
import { PUSHER_LIMITS } from '../../socket/pusher/limits.ts';
import type { OwnChannelNeeds } from '../../socket/pusher/own-channels.ts';
import type { Delivery, Signal } from '../fanout.ts';

/** An event on its way to a hosted app. */
export interface HostedEvent {
  channel: string;
  name: string;
  /** JSON. */
  data: string;
}

export type HostedEventNeeds = Pick<OwnChannelNeeds, 'chatMessage' | 'coveredMessages'>;

/**
 * A delivery as events of the same channels that the gateway serves. A channel
 * of a conversation is one for both members there, so what is delivered to both
 * is published from one of the two deliveries: the sender's.
 */
export async function hostedEventsOf(delivery: Delivery, needs: HostedEventNeeds): Promise<HostedEvent[]> {
  const { to, payload } = delivery;
  switch (payload.type) {
    // For the server, not for devices.
    case 'session.revoked':
    case 'peer.severed':
      return [];
    case 'presence.update': {
      const { type: _, ...presence } = payload;
      return [toUser(to, 'presence', presence)];
    }
    case 'chat.typing':
      return [toUser(to, 'typing', payload), toChat(payload.conversationId, 'typing', { userId: payload.userId, isTyping: payload.isTyping })];
    case 'conversation.updated':
      return [eventOf(to, payload)];
    case 'chat.message.new':
    case 'chat.message.updated': {
      const name = payload.type === 'chat.message.new' ? 'message_created' : 'message_updated';
      const own = eventOf(to, payload);
      return payload.message.senderId === to ? [own, messageEvent(payload.message.conversationId, name, needs.chatMessage(payload.message, to))] : [own];
    }
    case 'chat.message.delivered':
    case 'chat.message.read': {
      const own = eventOf(to, payload);
      if (payload.userId === to) return [own];
      const covered = await needs.coveredMessages(payload, to);
      return [own, ...covered.map((message) => messageEvent(payload.conversationId, 'message_updated', message))];
    }
  }
}

function toUser(userId: UserId, name: string, data: object): HostedEvent {
  return { channel: ownChannelName({ type: 'private-user', userId }), name, data: JSON.stringify(data) };
}

function toChat(conversationId: Message['conversationId'], name: string, data: object): HostedEvent {
  return { channel: ownChannelName({ type: 'private-chat', conversationId }), name, data: JSON.stringify(data) };
}

/** What a hosted app would refuse for its size goes as a reference: the position tells the client to fetch. */
function eventOf(userId: UserId, event: Exclude<Event | Signal, { type: 'session.revoked' | 'peer.severed' | 'presence.update' | 'chat.typing' }>): HostedEvent {
  const whole = toUser(userId, 'event', event);
  if (fits(whole)) return whole;
  const { type, position } = event;
  return toUser(userId, 'event', { type, position, isReference: true, ...('message' in event ? { messageId: event.message.id, conversationId: event.message.conversationId } : {}) });
}

/** The same for a message: without what makes it large. */
function messageEvent(conversationId: Message['conversationId'], name: string, message: object): HostedEvent {
  const whole = toChat(conversationId, name, { message });
  if (fits(whole)) return whole;
  const reference = Object.fromEntries(Object.entries(message).filter(([field]) => field !== 'text' && field !== 'attachments'));
  return toChat(conversationId, name, { message: reference, isReference: true });
}

function fits({ data }: HostedEvent): boolean {
  return Buffer.byteLength(data) <= PUSHER_LIMITS.eventBytes;
}
