import { CoupletError, type ConnectionId, ENDPOINTS, type Presence, type UserId } from '@couplet/protocol';
import type { Express } from 'express';
import type { Context } from './context.ts';
import { chatMessageView } from './domains/chats/chat-view.ts';
import { findCoveredMessages } from './domains/chats/find-covered-messages.ts';
import { filterReachablePeers, listPeerIds } from './domains/conversations/conversations-repository.ts';
import { RestHeartbeats } from './domains/presence/rest-heartbeats.ts';
import { setTyping } from './domains/presence/set-typing.ts';
import { watchPresence } from './domains/presence/watch-presence.ts';
import { findUser } from './domains/users/users-repository.ts';
import { defineRoute, type Route } from './http/define-route.ts';
import { subsystemLog } from './log.ts';
import type { MessagingNeeds } from './messaging-needs.ts';
import { SOCKET_LIMITS } from './socket/limits.ts';
import { pusherAuthRoutes } from './socket/pusher/auth-routes.ts';
import { ChannelHub } from './socket/pusher/channel-hub.ts';
import type { PusherCloseReason } from './socket/pusher/close-codes.ts';
import { mountPusherApi } from './socket/pusher/http-api.ts';
import type { ChannelState } from './socket/pusher/channel-state.ts';
import { MemoryChannelState } from './socket/pusher/memory-channel-state.ts';
import type { OwnChannelNeeds } from './socket/pusher/own-channels.ts';
import { pusherDialect } from './socket/pusher/pusher-dialect.ts';
import { RedisChannelState } from './socket/pusher/redis-channel-state.ts';
import { Webhooks } from './socket/pusher/webhooks.ts';
import type { Dialect } from './socket/socket-server.ts';

/** The people whose presence comes with one's own channel: the rows a chat list shows, with room. */
const FOLLOWED_PEERS = 200;

/** Everything that speaks the Pusher protocol. */
export interface PusherFace {
  dialect: Dialect<PusherCloseReason>;
  routes: Route[];
  /** Puts the HTTP API on the app. */
  mount(app: Express): void;
  close(): Promise<void>;
}

/** Joins the gateway to the use cases: the same ones that the native protocol calls. */
export function createPusherFace(context: Context, messaging: MessagingNeeds): PusherFace {
  const { pusherApp: app, config, now, random, metrics } = context;
  const log = subsystemLog(context.log, 'socket');
  const onError = (error: unknown, socketId?: string) => log.error({ err: error, socketId }, 'The Pusher gateway failed at something');
  const own = ownChannelNeeds(context, messaging);
  const state = context.joined ? new RedisChannelState({ ...context.joined, now, hasWebhooks: config.pusherWebhookUrl !== undefined, onError }) : new MemoryChannelState(now);
  const webhooks = createWebhooks(context, state);
  const hub = new ChannelHub({ state, note: (event) => webhooks?.note(event), onError });
  const heartbeats = createHeartbeats(context, own, onError);
  const dialect = pusherDialect({ ...own, app, hub, now, isRateLimited: config.rateLimits, onFrame: metrics.frameReceived, onError }, random);
  const nameOf = async (userId: Parameters<typeof findUser>[1]) => (await findUser(messaging.pool, userId))?.name ?? '';
  return {
    dialect,
    routes: [...pusherAuthRoutes({ ...own, app, nameOf, isHosted: config.realtimeDriver === 'pusher' }), heartbeatRoute(context, heartbeats)],
    mount: (http) => mountPusherApi(http, { app, hub, now, onAnswered: metrics.httpAnswered }),
    async close() {
      heartbeats.close();
      hub.close();
      await webhooks?.close();
    },
  };
}

function createHeartbeats({ fanout, now }: Context, own: OwnChannelNeeds, onError: (error: unknown) => void): RestHeartbeats {
  const { arrived, departed, peersOf, watchPresence: watch, unwatch } = own;
  // Through the fan-out, which is what reaches a hosted app.
  const tell = (to: UserId, presence: Presence) => fanout.publish([{ to, payload: { type: 'presence.update', ...presence } }]);
  return new RestHeartbeats({ fanout, now, arrived, departed, peersOf, watchPresence: watch, unwatch, tell, onError });
}

function heartbeatRoute({ eventLog }: Context, heartbeats: RestHeartbeats): Route {
  return defineRoute(ENDPOINTS.sendHeartbeat, async ({ viewer, body }) => {
    const presences = await heartbeats.beat(viewer, body.connectionId);
    const [epoch, position] = await Promise.all([eventLog.epoch(), eventLog.lastPosition(viewer.userId)]);
    return { status: 200, body: { epoch, position, ...(presences === undefined ? {} : { presences }) } };
  });
}

function createWebhooks({ config, pusherApp: app, now, log }: Context, state: ChannelState): Webhooks | null {
  if (config.pusherWebhookUrl === undefined) return null;
  const webhookLog = subsystemLog(log, 'socket');
  return new Webhooks({
    url: config.pusherWebhookUrl,
    app,
    now,
    tellOnce: (coming, isThere) => state.tellOnce(coming, isThere),
    schedule(delayMs, task) {
      const timer = setTimeout(task, delayMs).unref();
      return () => clearTimeout(timer);
    },
    async post(url, headers, body, signal) {
      const { status, body: answer } = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      // Whatever it says is not read, and must not hold the connection.
      await answer?.cancel();
      return status;
    },
    onDropped: (events, reason) => webhookLog.warn({ events, reason }, 'Webhook events were given up'),
  });
}

function ownChannelNeeds(context: Context, messaging: MessagingNeeds): OwnChannelNeeds {
  const { authenticator, fanout, presence } = context;
  const { pool } = messaging;
  return {
    fanout,
    stands: (who) => authenticator.stands(who),
    arrived: (userId) => {
      if (presence.connectionCount(userId) >= SOCKET_LIMITS.perUser) return false;
      presence.arrived(userId);
      return true;
    },
    departed: (userId) => presence.departed(userId),
    peerIn: (conversationId, userId) =>
      messaging.membership(conversationId, userId).then(
        ({ peerId }) => peerId,
        (error: unknown) => {
          if (error instanceof CoupletError && error.code === 'not_found') return null;
          throw error;
        },
      ),
    isReachable: async (viewerId, userId) => (await filterReachablePeers(pool, viewerId, [userId])).length > 0,
    peersOf: (viewerId) => listPeerIds(pool, viewerId, FOLLOWED_PEERS),
    presenceOf: async (viewerId, userId) => {
      const [found] = await messaging.presenceOf(viewerId, [userId]);
      return found ?? { userId, status: 'unknown', lastSeenAt: null };
    },
    watchPresence: (viewerId, socketId, userIds, notify) =>
      watchPresence(messaging, { viewerId, connectionId: socketId as ConnectionId, notify }, userIds),
    unwatch: (socketId) => presence.unwatch(socketId as ConnectionId),
    setTyping: (viewerId, conversationId, isTyping) => setTyping(messaging, viewerId, conversationId, isTyping),
    chatMessage: chatMessageView,
    coveredMessages: (receipt, viewerId) => findCoveredMessages(pool, messaging.attachmentLinks, viewerId, [receipt]),
  };
}
