import type { Store, StoreReader } from '@couplet/client';
import { openNodeSqlite } from '@couplet/client/testing/sqlite';
import type { Fate, FaultProxy } from '@couplet/test-system/faults';
import type { Deployment } from './deployment.ts';
import type { FaultMix } from './fault-mix.ts';
import { isEvent } from './fault-schedule.ts';

/**
 * A bug of the kind that messengers have, put between the real client and the
 * real server: on the network, in front of the device database, in PostgreSQL's
 * settings. The checker must find each.
 */
export interface Plant {
  name: string;
  /** One of these is what it breaks. */
  breaks: readonly string[];
  mix: FaultMix;
  onDeployment?: (deployment: Deployment) => Promise<void>;
  /** Each device's way to the server. */
  onProxy?: (proxy: FaultProxy) => void;
  wrapStore?: (store: Store) => Store;
  beforeRestart?: (file: string) => Promise<void>;
}

const NO_FAULTS: FaultMix = { link: [], linkQuietMs: 1_000, device: [], deviceQuietMs: 1_000, server: [], serverQuietMs: 1_000 };

/** In the order in which they run; the one that changes PostgreSQL comes last. */
export const PLANTS: readonly Plant[] = [
  {
    name: 'naive cursor',
    breaks: ['D1', 'S2', 'S3'],
    mix: { ...NO_FAULTS, link: ['lose events', 'lose events', 'cut'] },
    onProxy: plantNaiveCursor,
  },
  {
    name: 'no idempotency',
    breaks: ['D3'],
    mix: { ...NO_FAULTS, link: ['swallow answers'] },
    onProxy: plantNewIds,
  },
  {
    name: 'lost fan-out without gap check',
    breaks: ['D1', 'S2', 'S3'],
    mix: { ...NO_FAULTS, link: ['lose events'] },
    onProxy: plantFilledGaps,
  },
  {
    name: 'unordered drain',
    breaks: ['D6'],
    mix: { ...NO_FAULTS, link: ['unplug'] },
    wrapStore: plantReversedOutbox,
  },
  {
    name: 'outbox in memory',
    breaks: ['O1'],
    mix: { ...NO_FAULTS, link: ['unplug', 'silence'], linkQuietMs: 300, device: ['kill device'] },
    beforeRestart: forgetOutbox,
  },
  {
    name: 'ack before commit',
    breaks: ['D1'],
    mix: { ...NO_FAULTS, server: ['kill PostgreSQL'], serverQuietMs: 2_500 },
    onDeployment: acknowledgeBeforeCommit,
  },
];

interface Frame {
  type: string;
  data: Record<string, unknown>;
}

const PASS: Fate = { type: 'pass' };

/** Asks for "everything after the last thing I saw", whatever was missed before it. */
function plantNaiveCursor(proxy: FaultProxy): void {
  let lastSeen = 0;
  proxy.amend = (unit, direction, fate) => {
    if (unit.type !== 'frame' || unit.text === null || fate.type !== 'pass') return fate;
    const frame = JSON.parse(unit.text) as Frame;
    if (direction === 'down') {
      if (isEvent(unit)) lastSeen = Math.max(lastSeen, Number(frame.data['position']));
      return fate;
    }
    if (frame.type !== 'chat.sync' || Number(frame.data['since']) >= lastSeen) return fate;
    return rewritten(frame, { ...frame.data, since: lastSeen });
  };
}

/** A second try of a send has an id of its own, as if nobody remembered the first. */
function plantNewIds(proxy: FaultProxy): void {
  const sent = new Set<string>();
  const originals = new Map<string, string>();
  proxy.amend = (unit, direction, fate) => {
    if (unit.type !== 'frame' || unit.text === null || fate.type !== 'pass') return fate;
    const frame = JSON.parse(unit.text) as Frame;
    const clientMsgId = String(frame.data['clientMsgId']);
    if (direction === 'up' && frame.type === 'chat.message.send') {
      if (!sent.has(clientMsgId)) {
        sent.add(clientMsgId);
        return fate;
      }
      const other = crypto.randomUUID();
      originals.set(other, clientMsgId);
      return rewritten(frame, { ...frame.data, clientMsgId: other });
    }
    const original = originals.get(clientMsgId);
    if (direction === 'down' && frame.type === 'chat.message.ack' && original !== undefined) return rewritten(frame, { ...frame.data, clientMsgId: original });
    return fate;
  };
}

/** A lost event's position is taken by one that says nothing: no gap is left to see. */
function plantFilledGaps(proxy: FaultProxy): void {
  proxy.amend = (unit, _direction, fate) => {
    if (fate.type !== 'lose' || unit.type !== 'frame' || unit.text === null) return fate;
    const frame = JSON.parse(unit.text) as Frame;
    if (frame.type !== 'chat.message.new') return PASS;
    const { id, conversationId, senderId, createdAt } = frame.data['message'] as Record<string, unknown>;
    const { position } = frame.data;
    return rewritten({ ...frame, type: 'chat.message.delivered' }, { position, conversationId, userId: senderId, seq: 1, messageId: id, at: createdAt });
  };
}

/** The outbox is read from its end. */
function plantReversedOutbox(store: Store): Store {
  const reversed = <Reader extends StoreReader>(reader: Reader): Reader =>
    new Proxy(reader, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name === 'listOutbox') return async (...args: unknown[]) => ((await Reflect.apply(value, target, args)) as unknown[]).reverse();
        return value.bind(target) as unknown;
      },
    });
  return {
    read: (body) => store.read((reader) => body(reversed(reader))),
    transaction: (body) => store.transaction((writer) => body(reversed(writer))),
    close: () => store.close(),
  };
}

async function forgetOutbox(file: string): Promise<void> {
  const database = openNodeSqlite(file);
  await database.query('DELETE FROM outbox', []);
  await database.close();
}

/**
 * Commits are answered before they are on the disk, and are written there late:
 * a crash of PostgreSQL takes what was acknowledged along.
 */
async function acknowledgeBeforeCommit({ postgres }: Deployment): Promise<void> {
  await postgres.query('ALTER DATABASE couplet SET synchronous_commit = off');
  await postgres.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
  await postgres.query("ALTER SYSTEM SET wal_writer_flush_after = '64MB'");
  await postgres.query('SELECT pg_reload_conf()');
  // The settings of a database hold for connections that begin after them.
  await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'couplet' AND pid <> pg_backend_pid()");
}

function rewritten(frame: Frame, data: Record<string, unknown>): Fate {
  return { type: 'rewrite', text: JSON.stringify({ ...frame, data }) };
}
