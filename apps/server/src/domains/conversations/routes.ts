import { CoupletError, ENDPOINTS } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { findConversations } from './conversations-repository.ts';
import { listConversations } from './list-conversations.ts';
import { openConversation, type OpenConversationNeeds } from './open-conversation.ts';
import type { Pairs } from './pairs.ts';
import { updateConversation } from './update-conversation.ts';

export function conversationRoutes(needs: OpenConversationNeeds & { pairs: Pairs }) {
  return [
    defineRoute(ENDPOINTS.createConversation, async ({ viewer, body }) => {
      const { conversation, created } = await openConversation(needs, viewer.userId, body.userId);
      return { status: created ? 201 : 200, body: conversation };
    }),
    defineRoute(ENDPOINTS.listConversations, async ({ viewer, query }) => ({
      status: 200,
      body: await listConversations(needs, viewer.userId, query),
    })),
    defineRoute(ENDPOINTS.getConversation, async ({ viewer, params }) => {
      const [conversation] = await findConversations(needs.pool, needs.attachmentLinks, viewer.userId, [params.id]);
      if (!conversation) throw new CoupletError('not_found');
      return { status: 200, body: conversation };
    }),
    defineRoute(ENDPOINTS.updateConversation, async ({ viewer, params, body }) => ({
      status: 200,
      body: await updateConversation(needs, viewer.userId, params.id, body),
    })),
  ];
}
