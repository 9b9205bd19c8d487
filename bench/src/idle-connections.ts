import { LoadClient } from './load-client.ts';
import type { NodeMemory, ServerUnderTest } from './server-under-test.ts';

/** What one connection needs is how the memory grows over these, so that what all of them share is not in it. */
const PLATEAUS = 5;
/** Of each node. */
const CONNECTIONS_PER_PLATEAU = 1_000;
/** Opened at once: more would measure the accept queue. */
const AT_ONCE = 100;
const USERS = 1_000;
/** As an app does; without it the server would close them. */
const PING_EVERY_MS = 20_000;

interface IdleConnections {
  /** Opened a second, over all nodes. */
  perSecond: number;
  /** Connections, and bytes for each of them. */
  nodes: { connections: number; heapEach: number; residentEach: number }[];
}

/** Memory of each node per authenticated connection that only sits there. */
export async function idleConnections(server: ServerUnderTest, nodes: number): Promise<IdleConnections> {
  const users = await server.createUsers(USERS, 'idler');
  const clients: LoadClient[] = [];
  const pings = setInterval(() => clients.forEach((client) => client.ping()), PING_EVERY_MS);
  try {
    const plateaus: NodeMemory[][] = [];
    let opening = 0;
    for (let plateau = 0; plateau <= PLATEAUS; plateau += 1) {
      const startedAt = performance.now();
      for (let opened = 0; opened < nodes * CONNECTIONS_PER_PLATEAU; opened += AT_ONCE) {
        clients.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => connect(server, users, clients.length + n)))));
      }
      // The first plateau pays for code and caches.
      if (plateau > 0) opening += performance.now() - startedAt;
      plateaus.push(await server.memory());
    }
    return {
      perSecond: (PLATEAUS * nodes * CONNECTIONS_PER_PLATEAU) / (opening / 1_000),
      nodes: Array.from({ length: nodes }, (_, node) => {
        const each = (kind: keyof NodeMemory) => slope(plateaus.map((memories) => memories[node]?.[kind] ?? Number.NaN)) / CONNECTIONS_PER_PLATEAU;
        return { connections: (PLATEAUS + 1) * CONNECTIONS_PER_PLATEAU, heapEach: each('heap'), residentEach: each('resident') };
      }),
    };
  } finally {
    clearInterval(pings);
    for (const client of clients) client.close();
  }
}

function connect(server: ServerUnderTest, users: readonly { id: string; token: string }[], connection: number): Promise<LoadClient> {
  // Each person's connections are spread over the nodes as well.
  const user = users[(connection + Math.floor(connection / users.length)) % users.length];
  if (!user) throw new Error('No users');
  return LoadClient.connect(server.urlFor(connection), user, { onAck: () => undefined, onNew: () => undefined });
}

/** Of the straight line that lies nearest to values at 0, 1, 2, …: one odd value moves it little. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [rise, run] = values.reduce(([up, along], value, at) => [up + (at - middle) * (value - mean), along + (at - middle) ** 2], [0, 0]);
  return rise / run;
}
