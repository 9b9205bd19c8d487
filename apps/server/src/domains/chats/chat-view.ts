import type { Chat, ChatAttachment, ChatMessage, ChatUser, Conversation, Message, User, UserId } from '@couplet/protocol';

/** A conversation in the shape of the chat endpoints. */
export function chatView(conversation: Conversation, viewer: User): Chat {
  const { id, peer, lastActivityAt, lastMessage, unreadCount } = conversation;
  return {
    chatId: id,
    participants: [chatUserView(peer), chatUserView(viewer)],
    lastActivity: lastActivityAt,
    ...(lastMessage?.text === undefined ? {} : { preview: lastMessage.text }),
    unreadCount,
  };
}

function chatUserView({ id, name, avatarUrl }: User): ChatUser {
  const [firstName = '', ...rest] = name.split(' ');
  return {
    userId: id,
    firstName,
    ...(rest.length > 0 ? { lastName: rest.join(' ') } : {}),
    ...(avatarUrl === null ? {} : { avatarThumb: avatarUrl, avatarFull: avatarUrl }),
  };
}

/** A message in that shape, as this viewer sees it. */
export function chatMessageView(message: Message, viewerId: UserId): ChatMessage {
  return {
    id: message.id,
    chatId: message.conversationId,
    fromUserId: message.senderId,
    // Told as empty, not left out: an app that patches what it shows would keep the deleted text.
    text: message.text ?? '',
    attachments: message.attachments.map(chatAttachmentView),
    sentAt: message.createdAt,
    ...(message.deliveredAt === undefined ? {} : { deliveredAt: message.deliveredAt }),
    readAt: message.readAt ?? null,
    status: statusOf(message, viewerId),
    sequenceId: message.seq,
  };
}

/** Only what the shape has: attachments of messages tell more. */
function chatAttachmentView({ type, url, thumbnailUrl, mime, sizeBytes }: ChatAttachment): ChatAttachment {
  return {
    type,
    url,
    ...(thumbnailUrl === undefined ? {} : { thumbnailUrl }),
    ...(mime === undefined ? {} : { mime }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

/** Whoever reads another's message has it: to them it is at least delivered. */
function statusOf(message: Message, viewerId: UserId): ChatMessage['status'] {
  if (message.readAt !== undefined) return 'read';
  return message.deliveredAt !== undefined || message.senderId !== viewerId ? 'delivered' : 'sent';
}
