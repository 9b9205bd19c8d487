import { ENDPOINTS, OLDEST_SERVED_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@couplet/protocol';
import type { Context } from './context.ts';
import { adminRoutes } from './domains/admin/routes.ts';
import { attachmentRoutes } from './domains/attachments/routes.ts';
import { authRoutes } from './domains/auth/routes.ts';
import { chatRoutes } from './domains/chats/routes.ts';
import { conversationRoutes } from './domains/conversations/routes.ts';
import { messageRoutes } from './domains/messages/routes.ts';
import { presenceRoutes } from './domains/presence/routes.ts';
import { pushRoutes } from './domains/push/routes.ts';
import { receiptRoutes } from './domains/receipts/routes.ts';
import { syncRoutes } from './domains/sync/routes.ts';
import { usersRoutes } from './domains/users/routes.ts';
import { hostedPlace } from './fanout/create-fanout.ts';
import { defineRoute, type Route } from './http/define-route.ts';
import { SERVER_VERSION } from './server-package.ts';
import { uploadNeeds } from './upload-needs.ts';
import type { MessagingNeeds } from './messaging-needs.ts';

/** Every domain's REST routes, and those of the Pusher face. */
export function allRoutes(context: Context, messaging: MessagingNeeds, pusherRoutes: readonly Route[]): Route[] {
  const { config, database, now, newId, random, metrics, fanout, authenticator, accessTokens, refreshTokens, passwords, rateLimits } = context;
  const { announceProfiles, announceBlock, deliver, severPresence } = messaging;
  const { pool, prisma } = database;
  const accounts = { pool, prisma, now, newId, random, metrics, fanout, authenticator, accessTokens, refreshTokens, passwords, rateLimits };
  const { accessTokenTtl, refreshTokenTtl, allowRegistration: registrationOpen } = config;
  const uploads = uploadNeeds(context);
  const isHosted = config.realtimeDriver === 'pusher';
  return [
    ...authRoutes({ ...accounts, refreshTokenTtl, registrationOpen }),
    ...usersRoutes({ pool, replicaReads: context.database.replicaReads, now, announceProfiles, announceBlock, deliver, severPresence, avatarUrl: (key) => context.avatarUrl(key) }),
    ...adminRoutes({ pool, now, newId, metrics, accessTokens, accessTokenTtl, announceProfiles, deliver }),
    ...conversationRoutes(messaging),
    ...messageRoutes(messaging),
    ...receiptRoutes(messaging),
    ...presenceRoutes(messaging),
    ...syncRoutes(messaging),
    ...attachmentRoutes(uploads),
    ...chatRoutes({ ...messaging, ...uploads }),
    ...pushRoutes({ pool, now, newId, webPushHosts: config.webPushHosts }),
    ...pusherRoutes,
    defineRoute(ENDPOINTS.getConfig, async () => ({
      status: 200,
      body: {
        serverVersion: SERVER_VERSION,
        protocolVersion: PROTOCOL_VERSION,
        oldestServedProtocolVersion: OLDEST_SERVED_PROTOCOL_VERSION,
        registrationOpen,
        pusher: { key: context.pusherApp.key, ...(isHosted ? hostedPlace(config) : {}) },
        push: { vapidPublicKey: context.vapidPublicKey },
      },
    })),
  ];
}
