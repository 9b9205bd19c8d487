import { type ConversationId, ENDPOINTS, type UserId } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import type { Membership } from '../conversations/pairs.ts';
import type { ChangeMessageNeeds } from './change-message.ts';
import { deleteMessage } from './delete-message.ts';
import { editMessage } from './edit-message.ts';
import { listMessages } from './list-messages.ts';
import { listSharedMedia } from './list-shared-media.ts';
import { reactToMessage } from './react-to-message.ts';
import { searchMessages } from './search-messages.ts';
import { sendMessage, type SendMessageNeeds } from './send-message.ts';
import { storedMessage } from './stored-message.ts';

export type MessageRouteNeeds = SendMessageNeeds &
  ChangeMessageNeeds & { attachmentLinks: AttachmentLinks; membership(conversationId: ConversationId, userId: UserId): Promise<Membership> };

export function messageRoutes(needs: MessageRouteNeeds) {
  const reads = { db: needs.pool, attachmentLinks: needs.attachmentLinks, membership: needs.membership };
  return [
    defineRoute(ENDPOINTS.listMessages, async ({ viewer, params, query }) => ({
      status: 200,
      body: await listMessages(reads, viewer.userId, params.id, query),
    })),
    defineRoute(ENDPOINTS.listSharedMedia, async ({ viewer, params, query }) => ({
      status: 200,
      body: await listSharedMedia(reads, viewer.userId, params.id, query),
    })),
    defineRoute(ENDPOINTS.sendMessage, async ({ viewer, params, body, requestId }) => {
      const stored = await sendMessage(needs, { senderId: viewer.userId, target: { conversationId: params.id }, body, requestId });
      return { status: stored.duplicate ? 200 : 201, body: await storedMessage(needs, stored) };
    }),
    defineRoute(ENDPOINTS.editMessage, async ({ viewer, params, body }) => ({
      status: 200,
      body: await editMessage(needs, viewer.userId, params.id, body.text),
    })),
    defineRoute(ENDPOINTS.deleteMessage, async ({ viewer, params }) => {
      await deleteMessage(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.addReaction, async ({ viewer, params }) => ({
      status: 200,
      body: await reactToMessage(needs, viewer.userId, params.id, params.emoji),
    })),
    defineRoute(ENDPOINTS.removeReaction, async ({ viewer, params }) => ({
      status: 200,
      body: await reactToMessage(needs, viewer.userId, params.id, null),
    })),
    defineRoute(ENDPOINTS.searchMessages, async ({ viewer, query }) => ({
      status: 200,
      body: await searchMessages(reads, viewer.userId, query),
    })),
  ];
}
