import { CLOSE_CODES, type CloseReason, type ConnectionId } from '@couplet/protocol';
import { SOCKET_LIMITS } from '../limits.ts';
import type { Dialect } from '../socket-server.ts';
import { NativeSession, type NativeSessionNeeds } from './native-session.ts';

/** The native protocol, at `/ws`. */
export function nativeDialect(needs: NativeSessionNeeds, nodeId: string): Dialect<CloseReason> {
  let opened = 0;
  // Distinguishes this run of the node from its earlier ones.
  const run = needs.now().toString(36);
  return {
    closeCodes: CLOSE_CODES,
    frameBurst: SOCKET_LIMITS.frameBurst,
    serves: (path) => path === '/ws',
    open: (connection) => {
      opened += 1;
      return new NativeSession(needs, connection, `${nodeId.slice(0, 40)}-${run}-${opened.toString(36)}` as ConnectionId);
    },
  };
}
