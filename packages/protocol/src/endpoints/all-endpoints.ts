import { addReactionEndpoint } from './add-reaction.ts';
import { adminCreateTokenEndpoint } from './admin-create-token.ts';
import { adminCreateTokensEndpoint } from './admin-create-tokens.ts';
import { adminCreateUsersEndpoint } from './admin-create-users.ts';
import { blockUserEndpoint } from './block-user.ts';
import { completeUploadEndpoint } from './complete-upload.ts';
import { createConversationEndpoint } from './create-conversation.ts';
import { deleteMessageEndpoint } from './delete-message.ts';
import { deleteUploadEndpoint } from './delete-upload.ts';
import { editMessageEndpoint } from './edit-message.ts';
import { getConfigEndpoint } from './get-config.ts';
import { getConversationEndpoint } from './get-conversation.ts';
import { getLogEndEndpoint } from './get-log-end.ts';
import { getMeEndpoint } from './get-me.ts';
import { getPresenceEndpoint } from './get-presence.ts';
import { getSnapshotEndpoint } from './get-snapshot.ts';
import { getSyncEndpoint, getMessagesSinceEndpoint } from './get-sync.ts';
import { getUploadEndpoint } from './get-upload.ts';
import { getUserEndpoint } from './get-user.ts';
import { listAttachmentsEndpoint } from './list-attachments.ts';
import { listChatChangesEndpoint } from './list-chat-changes.ts';
import { listChatMessagesAfterEndpoint } from './list-chat-messages-after.ts';
import { listChatMessagesEndpoint } from './list-chat-messages.ts';
import { listChatsEndpoint } from './list-chats.ts';
import { listConversationsEndpoint } from './list-conversations.ts';
import { listMessagesEndpoint } from './list-messages.ts';
import { listSessionsEndpoint } from './list-sessions.ts';
import { listSharedMediaEndpoint } from './list-shared-media.ts';
import { loginEndpoint } from './login.ts';
import { logoutEndpoint } from './logout.ts';
import { markDeliveredEndpoint } from './mark-delivered.ts';
import { markReadEndpoint } from './mark-read.ts';
import { presignUploadEndpoint } from './presign-upload.ts';
import {
  broadcastingAuthEndpoint,
  broadcastingUserAuthEndpoint,
  pusherAuthEndpoint,
  pusherUserAuthEndpoint,
} from './pusher-auth.ts';
import { refreshEndpoint } from './refresh.ts';
import { registerDeviceEndpoint } from './register-device.ts';
import { registerEndpoint } from './register.ts';
import { removeReactionEndpoint } from './remove-reaction.ts';
import { reportUploadPartEndpoint } from './report-upload-part.ts';
import { revokeSessionEndpoint } from './revoke-session.ts';
import { searchMessagesEndpoint } from './search-messages.ts';
import { searchUsersEndpoint } from './search-users.ts';
import { sendChatMessageEndpoint } from './send-chat-message.ts';
import { sendHeartbeatEndpoint } from './send-heartbeat.ts';
import { sendMessageEndpoint } from './send-message.ts';
import { setAvatarEndpoint } from './set-avatar.ts';
import { setTypingEndpoint } from './set-typing.ts';
import { unblockUserEndpoint } from './unblock-user.ts';
import { unregisterDeviceEndpoint } from './unregister-device.ts';
import { updateConversationEndpoint } from './update-conversation.ts';
import { updateMeEndpoint } from './update-me.ts';

/** Every REST endpoint of the server, in the order of the API documentation. */
export const ENDPOINTS = {
  register: registerEndpoint,
  login: loginEndpoint,
  refresh: refreshEndpoint,
  logout: logoutEndpoint,
  listSessions: listSessionsEndpoint,
  revokeSession: revokeSessionEndpoint,
  getMe: getMeEndpoint,
  updateMe: updateMeEndpoint,
  setAvatar: setAvatarEndpoint,
  searchUsers: searchUsersEndpoint,
  getUser: getUserEndpoint,
  blockUser: blockUserEndpoint,
  unblockUser: unblockUserEndpoint,
  getPresence: getPresenceEndpoint,
  sendHeartbeat: sendHeartbeatEndpoint,
  createConversation: createConversationEndpoint,
  listConversations: listConversationsEndpoint,
  getConversation: getConversationEndpoint,
  updateConversation: updateConversationEndpoint,
  listMessages: listMessagesEndpoint,
  listSharedMedia: listSharedMediaEndpoint,
  sendMessage: sendMessageEndpoint,
  markRead: markReadEndpoint,
  markDelivered: markDeliveredEndpoint,
  setTyping: setTypingEndpoint,
  editMessage: editMessageEndpoint,
  deleteMessage: deleteMessageEndpoint,
  addReaction: addReactionEndpoint,
  removeReaction: removeReactionEndpoint,
  searchMessages: searchMessagesEndpoint,
  presignUpload: presignUploadEndpoint,
  getUpload: getUploadEndpoint,
  reportUploadPart: reportUploadPartEndpoint,
  completeUpload: completeUploadEndpoint,
  deleteUpload: deleteUploadEndpoint,
  listAttachments: listAttachmentsEndpoint,
  getSync: getSyncEndpoint,
  getMessagesSince: getMessagesSinceEndpoint,
  getLogEnd: getLogEndEndpoint,
  getSnapshot: getSnapshotEndpoint,
  listChats: listChatsEndpoint,
  listChatChanges: listChatChangesEndpoint,
  listChatMessages: listChatMessagesEndpoint,
  listChatMessagesAfter: listChatMessagesAfterEndpoint,
  sendChatMessage: sendChatMessageEndpoint,
  registerDevice: registerDeviceEndpoint,
  unregisterDevice: unregisterDeviceEndpoint,
  pusherAuth: pusherAuthEndpoint,
  pusherUserAuth: pusherUserAuthEndpoint,
  broadcastingAuth: broadcastingAuthEndpoint,
  broadcastingUserAuth: broadcastingUserAuthEndpoint,
  adminCreateUsers: adminCreateUsersEndpoint,
  adminCreateToken: adminCreateTokenEndpoint,
  adminCreateTokens: adminCreateTokensEndpoint,
  getConfig: getConfigEndpoint,
} as const;

export type EndpointName = keyof typeof ENDPOINTS;
