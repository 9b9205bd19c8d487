import { CoupletError, ENDPOINTS, type SessionId, type UserId } from '@couplet/protocol';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { parseOwnChannel, ownChannelName } from './channel-name.ts';
import { admit, type OwnChannelNeeds } from './own-channels.ts';
import { channelAuth, type PusherApp, userAuth } from './signatures.ts';

export interface PusherAuthNeeds extends Pick<OwnChannelNeeds, 'peerIn' | 'isReachable'> {
  app: PusherApp;
  /** A hosted app takes the plain signatures alone, and shows all members of a presence channel to each other. */
  isHosted: boolean;
  /** As other members are shown it. */
  nameOf(userId: UserId): Promise<string>;
}

interface Asker {
  userId: UserId;
  sessionId: SessionId;
}

/** The endpoints where clients of the Pusher protocol have their subscriptions signed. */
export function pusherAuthRoutes(needs: PusherAuthNeeds): Route[] {
  return [
    defineRoute(ENDPOINTS.pusherAuth, async ({ viewer, body }) => ({ status: 200, body: await signChannel(needs, viewer, body) })),
    defineRoute(ENDPOINTS.broadcastingAuth, async ({ viewer, body }) => ({ status: 200, body: await signChannel(needs, viewer, body) })),
    defineRoute(ENDPOINTS.pusherUserAuth, async ({ viewer, body }) => ({ status: 200, body: await signUser(needs, viewer, body) })),
    defineRoute(ENDPOINTS.broadcastingUserAuth, async ({ viewer, body }) => ({ status: 200, body: await signUser(needs, viewer, body) })),
  ];
}

/**
 * Names the user and the session inside what is signed, on private channels
 * too: clients send it along, and the gateway knows who joined and with whose
 * session the subscription ends.
 */
async function signChannel(needs: PusherAuthNeeds, viewer: Asker, asked: { socket_id: string; channel_name: string }) {
  const { socket_id: socketId, channel_name: name } = asked;
  const channel = parseOwnChannel(name);
  if (!channel || name !== ownChannelName(channel) || !(await admit(needs, viewer.userId, channel))) {
    throw new CoupletError('forbidden', 'This channel is not yours.');
  }
  const isPresence = channel.type === 'presence-user' || channel.type === 'presence-chat';
  if (needs.isHosted && channel.type === 'presence-user') throw new CoupletError('forbidden', 'A hosted app would show you who else follows this person.');
  if (needs.isHosted && !isPresence) return { auth: channelAuth(needs.app, socketId, name) };
  const channelData = JSON.stringify({
    user_id: viewer.userId,
    ...(needs.isHosted ? {} : { session_id: viewer.sessionId }),
    ...(isPresence ? { user_info: { name: await needs.nameOf(viewer.userId) } } : {}),
  });
  return { auth: channelAuth(needs.app, socketId, name, channelData), channel_data: channelData };
}

async function signUser(needs: PusherAuthNeeds, viewer: Asker, asked: { socket_id: string }) {
  const session = needs.isHosted ? {} : { session_id: viewer.sessionId };
  const userData = JSON.stringify({ id: viewer.userId, ...session, user_info: { name: await needs.nameOf(viewer.userId) } });
  return { auth: userAuth(needs.app, asked.socket_id, userData), user_data: userData };
}
