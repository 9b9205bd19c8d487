import type { MessageId, UserId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import type { PushNotice, PushProvider } from '../domains/push/push-provider.ts';
import type { Delivery, Fanout } from '../fanout/fanout.ts';
import { createLog } from '../log.ts';
import { followCommits, followStatements } from './follow-database.ts';
import { followFanout, followPushes, followRoundTrips } from './follow-messages.ts';
import { parseTraceparent, placeOfMessage } from './trace-ids.ts';
import { NO_TRACES, type Traces } from './traces.ts';

const MESSAGE = '01a20185-021a-7521-ac06-a2dc75f08beb' as MessageId;

/** Keeps what is told of messages. */
function keptTraces() {
  const told: { messageId: string; name: string; attributes: object }[] = [];
  const traces: Traces = { ...NO_TRACES, isOn: true, ofMessage: (messageId, name, _startedAt, attributes) => void told.push({ messageId, name, attributes }) };
  return { told, traces };
}

describe('ids of traces', () => {
  it('are the message’s own, so that every hop knows them', () => {
    expect(placeOfMessage(MESSAGE)).toEqual({ traceId: '01a20185021a7521ac06a2dc75f08beb', spanId: 'ac06a2dc75f08beb' });
  });

  it.each([
    ['00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0123456789abcdef-01', { traceId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', spanId: '0123456789abcdef', isSampled: true }],
    ['00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0123456789abcdef-00', { traceId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', spanId: '0123456789abcdef', isSampled: false }],
    ['00-00000000000000000000000000000000-0123456789abcdef-01', null],
    ['00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0000000000000000-01', null],
    ['01-A1B2-01', null],
    ['', null],
    [undefined, null],
  ])('of a caller who says %s are read as %j', (header, expected) => {
    expect(parseTraceparent(header)).toEqual(expected);
  });
});

describe('a push', () => {
  const provider: PushProvider = { send: () => Promise.resolve({ status: 'accepted' }), close: () => Promise.resolve() };

  it('is a part of its message’s trace', async () => {
    const { told, traces } = keptTraces();
    const { ios } = followPushes({ ios: provider }, traces, createLog('silent', 'test'));
    const notice = { type: 'message', messageId: MESSAGE } as PushNotice;
    expect(await ios?.send({ token: 'a secret', appId: null }, notice)).toEqual({ status: 'accepted' });
    expect(told).toEqual([{ messageId: MESSAGE, name: 'push', attributes: { 'couplet.platform': 'ios', 'couplet.outcome': 'accepted' } }]);
  });
});

describe('commits', () => {
  it('are told with the messages of their own batch, also when two lanes end together', () => {
    const { told, traces } = keptTraces();
    const commits = followCommits(traces);
    const other = '01a20185-021a-7521-ac06-a2dc75f08bec' as MessageId;
    commits.stored([{ messageId: MESSAGE }]);
    commits.stored([{ messageId: other }]);
    commits.measured(3, 0.01);
    commits.measured(7, 0.02);
    expect(told.map(({ messageId, attributes }) => [messageId, attributes])).toEqual([
      [MESSAGE, { 'couplet.batch': 3 }],
      [other, { 'couplet.batch': 7 }],
    ]);
  });
});

describe('where nobody listens', () => {
  it('nothing stands in the way', async () => {
    const log = createLog('info', 'test');
    const fanout: Fanout = { publish: (_deliveries: readonly Delivery[]) => undefined, subscribe: (_userId: UserId) => Promise.resolve(() => undefined), close: () => Promise.resolve() };
    expect(followFanout(fanout, NO_TRACES, log)).toBe(fanout);
    const providers = {};
    expect(followPushes(providers, NO_TRACES, log)).toBe(providers);
    expect(followRoundTrips(NO_TRACES)).toBeUndefined();
    const query = () => 'rows';
    const pool = { query };
    followStatements(pool, NO_TRACES);
    expect(pool.query).toBe(query);
    expect(await NO_TRACES.request('a', {}, undefined, () => Promise.resolve(1))).toBe(1);
  });
});
