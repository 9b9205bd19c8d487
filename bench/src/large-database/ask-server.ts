import { type Explained, nodesOf } from '@couplet/test-system/large-database';
import { ANA_EXTERNAL_ID, ANA_NAME } from './fill-database.ts';

/** What one request cost PostgreSQL. */
export interface Asked {
  what: string;
  statements: number;
  /** Of all its statements, with the measuring of each node in it. */
  milliseconds: number;
  /** Pages of 8 KB: found in memory, and asked of the operating system. */
  hit: number;
  read: number;
  indexes: string[];
  /** Tables that were read from end to end. */
  scanned: string[];
}

const TIMES = 3;
const ADMIN_API_KEY = 'bench-admin-key-bench-admin-key-0';
export const ASKED_ENV = { ADMIN_API_KEY, RATE_LIMITS: 'off', LOG_LEVEL: 'error', PORT: '0' } as const;

/**
 * Asks as Ana, and as her peer where somebody else must, what people ask every day.
 *
 * @param takePlans what was explained since the last call
 * @returns each request at its first and at its last time
 */
export async function askServer(url: string, takePlans: () => readonly Explained[]): Promise<{ first: Asked; last: Asked }[]> {
  const call = async <Body>(method: string, path: string, token: string, body?: unknown): Promise<Body> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as Body;
  };
  const created = await call<{ users: { id: string }[] }>('POST', '/api/admin/users', ADMIN_API_KEY, { users: [{ externalId: ANA_EXTERNAL_ID, name: ANA_NAME }] });
  const anaId = created.users[0]?.id ?? '';
  const tokenOf = async (id: string) => (await call<{ accessToken: string }>('POST', `/api/admin/users/${id}/token`, ADMIN_API_KEY)).accessToken;
  const ana = await tokenOf(anaId);
  const list = await call<{ items: { id: string; lastSeq: number; peer: { id: string } }[]; nextCursor: string }>('GET', '/api/conversations?limit=100', ana);
  const [longest] = list.items.sort((one, other) => other.lastSeq - one.lastSeq);
  if (longest === undefined) throw new Error('Ana has no conversations: the folder holds another database.');
  const peer = await tokenOf(longest.peer.id);
  const { items: others } = await call<{ items: { id: string }[] }>('GET', '/api/users?query=user77', ana);
  const other = await tokenOf(others[0]?.id ?? '');
  const end = (await call<{ position: number }>('GET', '/api/sync/end', ana)).position;
  const thread = `/api/conversations/${longest.id}/messages`;
  let sent = Date.now();
  const requests: { what: string; ask(): Promise<unknown> }[] = [
    { what: 'list, 20 conversations', ask: () => call('GET', '/api/conversations?limit=20', ana) },
    { what: 'list, its second page', ask: () => call('GET', `/api/conversations?limit=20&cursor=${encodeURIComponent(list.nextCursor)}`, ana) },
    { what: 'page of 50, newest', ask: () => call('GET', `${thread}?limit=50`, ana) },
    { what: 'page of 50, in the middle', ask: () => call('GET', `${thread}?limit=50&before=${Math.floor(longest.lastSeq / 2)}`, ana) },
    { what: 'page around a message', ask: () => call('GET', `${thread}?around=${Math.floor(longest.lastSeq / 3)}`, ana) },
    { what: 'sync, nothing new', ask: () => call('GET', `/api/sync?since=${end}`, ana) },
    { what: 'sync, a few behind', ask: () => call('GET', `/api/sync?since=${end - 100_000}&limit=20`, ana) },
    { what: 'sync, a full page of 500', ask: () => call('GET', `/api/sync?since=${end - 200_000_000}&limit=500`, ana) },
    { what: 'snapshot', ask: () => call('GET', '/api/sync/snapshot', ana) },
    { what: 'search, a rare word', ask: () => call('GET', '/api/search/messages?q=w49777', ana) },
    { what: 'search, a common word', ask: () => call('GET', '/api/search/messages?q=w1', ana) },
    { what: 'search in one conversation', ask: () => call('GET', `/api/search/messages?q=w20&conversationId=${longest.id}`, ana) },
    { what: 'search, never said and too short for the index', ask: () => call('GET', '/api/search/messages?q=z1', ana) },
    { what: 'search of somebody who wrote little', ask: () => call('GET', '/api/search/messages?q=w1', other) },
    { what: 'people, by a name', ask: () => call('GET', '/api/users?query=user4711', ana) },
    { what: 'people, by a beginning that ten thousand share', ask: () => call('GET', '/api/users?query=user11', ana) },
    { what: 'send', ask: () => call('POST', thread, ana, { clientMsgId: `asked-${(sent += 1)}`, text: 'w1 w2 w3' }) },
    {
      what: 'read',
      async ask() {
        const { items } = await call<{ items: { id: string }[] }>('GET', `${thread}?limit=1`, peer);
        takePlans();
        return call('POST', `/api/conversations/${longest.id}/read`, peer, { lastReadMessageId: items[0]?.id });
      },
    },
  ];
  const answers: { first: Asked; last: Asked }[] = [];
  for (const { what, ask } of requests) {
    const asked: Asked[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      // A receipt raises nothing twice.
      if (what === 'read') await call('POST', thread, ana, { clientMsgId: `asked-${(sent += 1)}`, text: 'w4' });
      takePlans();
      await ask();
      asked.push(summed(what, takePlans()));
    }
    const [first] = asked;
    const last = asked.at(-1);
    if (first && last) answers.push({ first, last });
  }
  return answers;
}

function summed(what: string, explained: readonly Explained[]): Asked {
  const plans = explained.map(({ Plan }) => Plan);
  const nodes = plans.flatMap(nodesOf);
  const sum = (field: 'Actual Total Time' | 'Shared Hit Blocks' | 'Shared Read Blocks') => plans.reduce((total, plan) => total + (plan[field] ?? 0), 0);
  return {
    what,
    statements: plans.length,
    milliseconds: sum('Actual Total Time'),
    hit: sum('Shared Hit Blocks'),
    read: sum('Shared Read Blocks'),
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))].sort(),
    scanned: [...new Set(nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])))].sort(),
  };
}
