import { CoupletError, ENDPOINTS, type User, type UserId } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { completeAttached } from '../attachments/complete-attached.ts';
import type { CompleteUploadNeeds } from '../attachments/complete-upload.ts';
import type { MessageRouteNeeds } from '../messages/routes.ts';
import { sendMessage } from '../messages/send-message.ts';
import { storedMessage } from '../messages/stored-message.ts';
import { findUser } from '../users/users-repository.ts';
import { userView } from '../users/user-view.ts';
import { chatMessageView } from './chat-view.ts';
import { listChatChanges, type ListChatChangesNeeds } from './list-chat-changes.ts';
import { listChatMessages, listChatMessagesAfter, type ListChatMessagesNeeds } from './list-chat-messages.ts';
import { listChats, type ListChatsNeeds } from './list-chats.ts';

export type ChatRouteNeeds = MessageRouteNeeds & ListChatsNeeds & ListChatChangesNeeds & ListChatMessagesNeeds & CompleteUploadNeeds;

/** The chat endpoints: the same use cases as the conversations', in other words. */
export function chatRoutes(needs: ChatRouteNeeds) {
  return [
    defineRoute(ENDPOINTS.listChats, async ({ viewer, query }) => ({
      status: 200,
      body: await listChats(needs, await userOf(needs, viewer.userId), query),
    })),
    defineRoute(ENDPOINTS.listChatChanges, async ({ viewer, query }) => ({
      status: 200,
      body: await listChatChanges(needs, await userOf(needs, viewer.userId), query.sequenceId),
    })),
    defineRoute(ENDPOINTS.listChatMessages, async ({ viewer, params, query }) => ({
      status: 200,
      body: await listChatMessages(needs, viewer.userId, params.chatId, query),
    })),
    defineRoute(ENDPOINTS.listChatMessagesAfter, async ({ viewer, params, query }) => ({
      status: 200,
      body: await listChatMessagesAfter(needs, viewer.userId, params.chatId, query),
    })),
    defineRoute(ENDPOINTS.sendChatMessage, async ({ viewer, params, body, requestId }) => {
      await completeAttached(needs, viewer.userId, body.attachments ?? []);
      const stored = await sendMessage(needs, { senderId: viewer.userId, target: { conversationId: params.chatId }, body, requestId });
      const message = chatMessageView(await storedMessage(needs, stored), viewer.userId);
      return { status: stored.duplicate ? 200 : 201, body: { message } };
    }),
  ];
}

async function userOf(needs: Pick<ChatRouteNeeds, 'pool'>, userId: UserId): Promise<User> {
  const row = await findUser(needs.pool, userId);
  if (!row) throw new CoupletError('not_authenticated');
  return userView(row);
}
