import { type ConversationId, conversationIdSchema, type UserId, userIdSchema } from '@couplet/protocol';
import { PUSHER_LIMITS } from './limits.ts';

/** What the prefix of a channel's name says of it. */
export interface ChannelKind {
  access: 'public' | 'private' | 'presence';
  isEncrypted: boolean;
  /** Remembers its last event for those who come later. */
  isCache: boolean;
}

const NAME = /^[A-Za-z0-9_\-=@,.;]+$/;

export function isChannelName(name: string): boolean {
  return name.length <= PUSHER_LIMITS.channelNameLength && NAME.test(name);
}

export function channelKind(name: string): ChannelKind {
  const isEncrypted = name.startsWith('private-encrypted-');
  const isCache = /^(private-encrypted-|private-|presence-)?cache-/.test(name);
  const access = name.startsWith('private-') ? 'private' : name.startsWith('presence-') ? 'presence' : 'public';
  return { access, isEncrypted, isCache };
}

/** Events for one signed-in user come under this name; nobody else may have it. */
export const USER_CHANNEL_PREFIX = '#server-to-user-';

/** A channel of the messenger itself: who may join it is decided by the server, not by whoever signed. */
export type OwnChannel =
  | { type: 'private-user'; userId: UserId }
  | { type: 'presence-user'; userId: UserId }
  | { type: 'private-chat'; conversationId: ConversationId }
  | { type: 'presence-chat'; conversationId: ConversationId };

const OWN = /^(private|presence)-(user|chat)-([0-9a-fA-F-]{36})$/;

/** Null for a channel that is not one of ours. */
export function parseOwnChannel(name: string): OwnChannel | null {
  const [, access, subject, id] = OWN.exec(name) ?? [];
  if (access === undefined) return null;
  if (subject === 'user') {
    const userId = userIdSchema.safeParse(id);
    return userId.success ? { type: access === 'private' ? 'private-user' : 'presence-user', userId: userId.data } : null;
  }
  const conversationId = conversationIdSchema.safeParse(id);
  return conversationId.success ? { type: access === 'private' ? 'private-chat' : 'presence-chat', conversationId: conversationId.data } : null;
}

/** Names are case-sensitive, ids are not: a channel of ours has one name. */
export function ownChannelName(channel: OwnChannel): string {
  return `${channel.type}-${'userId' in channel ? channel.userId : channel.conversationId}`;
}
