import type { ConnectionId } from '@couplet/protocol';
import type { Dialect } from '../socket-server.ts';
import { NativeSession, type NativeSessionNeeds } from './native-session.ts';

/** The native protocol, at `/ws`. */
export function nativeDialect(needs: NativeSessionNeeds, nodeId: string): Dialect {
  let opened = 0;
  // Distinguishes this run of the node from its earlier ones.
  const run = needs.now().toString(36);
  return {
    serves: (path) => path === '/ws',
    open: (connection) => {
      opened += 1;
      return new NativeSession(needs, connection, `${nodeId.slice(0, 40)}-${run}-${opened.toString(36)}` as ConnectionId);
    },
  };
}
