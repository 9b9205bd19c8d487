import { LoadClient } from './load-client.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const CONNECTIONS = 2_000;
/** Opened at once: more would measure the accept queue. */
const AT_ONCE = 100;

/** Resident memory of the server per authenticated connection that only sits there. */
export async function idleConnections(server: ServerUnderTest): Promise<{ connections: number; bytesEach: number; perSecond: number }> {
  // The first ones pay for code and caches that later ones share.
  const users = await server.createUsers(1_000, 'idler');
  const clients: LoadClient[] = [];
  const open = async (count: number) => {
    for (let done = 0; done < count; done += AT_ONCE) {
      const opened = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, n) => {
        const user = users[(clients.length + n) % users.length];
        if (!user) throw new Error('No users');
        return LoadClient.connect(server.url, user, { onAck: () => undefined, onNew: () => undefined });
      });
      clients.push(...(await Promise.all(opened)));
    }
  };
  await open(500);
  await settled();
  const before = server.residentBytes();
  const startedAt = performance.now();
  await open(CONNECTIONS);
  const perSecond = CONNECTIONS / ((performance.now() - startedAt) / 1000);
  await settled();
  const bytesEach = (server.residentBytes() - before) / CONNECTIONS;
  for (const client of clients) client.close();
  return { connections: CONNECTIONS, bytesEach, perSecond };
}

/** Garbage of the handshakes goes; nothing tells when, so this waits. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5_000));
}
