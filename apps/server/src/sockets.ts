import type { Admission } from './admission/admission.ts';
import type { Context } from './context.ts';
import { messageFrames } from './domains/messages/frames.ts';
import { presenceFrames } from './domains/presence/frames.ts';
import { receiptFrames } from './domains/receipts/frames.ts';
import { syncFrames } from './domains/sync/frames.ts';
import { LogEnds } from './event-log/log-ends.ts';
import { toCoupletError } from './http/problem-document.ts';
import { assertWithinLimit } from './http/rate-limit.ts';
import { subsystemLog } from './log.ts';
import type { MessagingNeeds } from './messaging-needs.ts';
import { SOCKET_LIMITS } from './socket/limits.ts';
import type { FrameHandlers } from './socket/native/frame-handlers.ts';
import { nativeDialect } from './socket/native/native-dialect.ts';
import { type Dialect, SocketServer } from './socket/socket-server.ts';
import { LIMITS } from '@couplet/protocol';

/** Every domain's frames. */
function allFrames(messaging: MessagingNeeds, admission: Admission): FrameHandlers {
  const { 'chat.sync': catchUp } = syncFrames(messaging);
  return {
    ...messageFrames(messaging),
    ...receiptFrames(messaging),
    ...presenceFrames(messaging),
    'chat.sync': (query, sender) => admission.catchUp.run(() => catchUp(query, sender)),
  };
}

/** The WebSocket edge, for the http server's `upgrade` event. */
export function createSocketServer(context: Context, messaging: MessagingNeeds, otherDialects: readonly Dialect[]): SocketServer {
  const { config, metrics, now, fanout, eventLog, presence, authenticator, rateLimits } = context;
  const log = subsystemLog(context.log, 'socket');
  const logEnds = new LogEnds({
    lastPositions: (userIds) => eventLog.lastPositions(userIds),
    schedule(delayMs, task) {
      const timer = setTimeout(task, delayMs).unref();
      return () => clearTimeout(timer);
    },
  });
  const dialect = nativeDialect(
    {
      handlers: allFrames(messaging, context.admission),
      admit: (signIn) => context.admission.signIn.run(signIn),
      trace: (type, requestId, work) => context.traces.request(type, { 'couplet.request_id': requestId }, undefined, work),
      fanout,
      now,
      authenticate: (token) => authenticator.authenticate(token),
      endOfLog: async (userId) => ({ epoch: await eventLog.epoch(), position: await eventLog.lastPosition(userId) }),
      endOfLogForPong: (userId) => logEnds.find(userId),
      arrived: (userId) => {
        if (presence.connectionCount(userId) >= SOCKET_LIMITS.perUser) return false;
        presence.arrived(userId);
        return true;
      },
      departed: (userId, connectionId) => {
        presence.unwatch(connectionId);
        presence.departed(userId);
      },
      onFrame: metrics.frameReceived,
      onUnexpectedError: (error, connectionId, frame) => {
        const known = toCoupletError(error);
        log.error({ err: error, connectionId, frameId: frame.id, frameType: frame.type, code: known.code }, 'A frame failed');
        return known;
      },
    },
    config.nodeId,
  );
  return new SocketServer({
    dialects: [dialect, ...otherDialects],
    frameBytes: LIMITS.frameBytes,
    isRateLimited: config.rateLimits,
    assertRoom: () => context.admission.assertHandshake(),
    clientAddress: context.clientAddress,
    allowHandshake: (address) => assertWithinLimit(rateLimits.handshakeByAddress, address),
    isOriginAllowed: (origin, host) => isOwnOrigin(origin, host, config.publicUrl) || allows(config.allowedOrigins, origin),
    now,
    onOpened: metrics.socketOpened,
    onClosed: metrics.socketClosed,
  });
}

/** The page came from this server, by whichever of its names. */
function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin);
}

function allows(origins: readonly string[], origin: string): boolean {
  return origins.includes('*') || origins.includes(origin);
}
