import { describe, expect, it } from 'vitest';
import { CLOSED_MACHINE, type ConnectionInput, type ConnectionMachine, type Step, transition } from './connection-machine.ts';

const HALF = 0.5;

/** The last step of a sequence, a second apart. */
function run(inputs: readonly ConnectionInput[], from: ConnectionMachine = CLOSED_MACHINE): Step {
  let step: Step = { machine: from, effects: [] };
  inputs.forEach((input, index) => {
    step = transition(step.machine, input, index * 1_000, HALF);
  });
  return step;
}

const opened: ConnectionInput = { type: 'opened', connectionId: 'c-1' };
const dropped: ConnectionInput = { type: 'lost', advice: 'backoff', reason: 'cut' };
const refused: ConnectionInput = { type: 'lost', advice: 'reauthenticate', reason: 'token' };

describe('the connection', () => {
  it('goes from closed through connecting to online, and from backfill to live', () => {
    expect(run([{ type: 'started' }])).toMatchObject({ machine: { state: { status: 'connecting', attempt: 1 } }, effects: [{ type: 'open', newToken: false }] });
    expect(run([{ type: 'started' }, opened]).machine.state).toEqual({ status: 'online', connectionId: 'c-1', since: 1_000, phase: 'backfill' });
    expect(run([{ type: 'started' }, opened, { type: 'phase-changed', phase: 'live' }]).machine.state).toMatchObject({ phase: 'live' });
  });

  it('waits with full jitter from 1 s to 30 s, doubling', () => {
    let { machine } = run([{ type: 'started' }]);
    const delays: (number | null)[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const step = transition(machine, dropped, 0, HALF);
      delays.push(step.machine.state.status === 'offline' ? step.machine.state.retryAt : null);
      expect(step.effects).toEqual([{ type: 'schedule-retry', delayMs: delays.at(-1) }]);
      machine = transition(step.machine, { type: 'retry-due' }, 0, HALF).machine;
      expect(machine.state).toEqual({ status: 'connecting', attempt: attempt + 1 });
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it('begins the count anew only after a connection that lasted', () => {
    const flapping = run([{ type: 'started' }, dropped, { type: 'retry-due' }, opened, { type: 'phase-changed', phase: 'live' }, dropped]);
    expect(flapping.machine.state).toMatchObject({ status: 'offline', attempt: 2 });
    const live = run([{ type: 'started' }, dropped, { type: 'retry-due' }, opened, { type: 'phase-changed', phase: 'live' }]).machine;
    expect(transition(live, dropped, 60_000, HALF).machine.state).toMatchObject({ status: 'offline', attempt: 1 });
  });

  it('tries at once when the network returns or the person asks, and probes when it is online', () => {
    for (const type of ['network-returned', 'woken'] as const) {
      expect(run([{ type: 'started' }, dropped, { type }]).effects).toEqual([{ type: 'open', newToken: false }]);
      expect(run([{ type: 'started' }, opened, { type }]).effects).toEqual([{ type: 'probe' }]);
      expect(run([{ type }])).toEqual({ machine: CLOSED_MACHINE, effects: [] });
    }
  });

  it('keeps to the wait that the server asked for, whoever asks, and forgets it with the next connection', () => {
    const busy: ConnectionInput = { ...dropped, retryAfterMs: 20_000 };
    const { machine, effects } = run([{ type: 'started' }, busy]);
    expect(effects).toEqual([{ type: 'schedule-retry', delayMs: 20_000 }]);
    for (const type of ['network-returned', 'woken'] as const) {
      expect(transition(machine, { type }, 20_999, HALF).effects).toEqual([]);
      expect(transition(machine, { type }, 21_000, HALF).effects).toEqual([{ type: 'open', newToken: false }]);
    }
    const again = transition(transition(transition(machine, { type: 'retry-due' }, 21_000, HALF).machine, opened, 22_000, HALF).machine, dropped, 22_500, HALF).machine;
    expect(transition(again, { type: 'woken' }, 22_501, HALF).effects).toEqual([{ type: 'open', newToken: false }]);
  });

  it('is offline as soon as the platform says that the network is gone', () => {
    const { machine, effects } = run([{ type: 'started' }, opened, { type: 'network-lost' }]);
    expect(machine.state).toMatchObject({ status: 'offline' });
    expect(effects[0]).toEqual({ type: 'close' });
  });

  it('comes back with a new token when the old one was refused, patiently if that is refused too', () => {
    const first = run([{ type: 'started' }, refused]);
    expect(first).toMatchObject({ machine: { state: { status: 'connecting' } }, effects: [{ type: 'open', newToken: true }] });
    const second = transition(first.machine, refused, 0, HALF);
    expect(second.machine.state).toMatchObject({ status: 'offline', retryAt: 1_000 });
    expect(transition(second.machine, { type: 'retry-due' }, 0, HALF).effects).toEqual([{ type: 'open', newToken: true }]);
  });

  it('comes back after the delay that a draining node asked for', () => {
    const drained = run([{ type: 'started' }, opened, { type: 'drain-announced', reconnectInMs: 4_321 }, { type: 'lost', advice: 'server-delay', reason: '' }]);
    expect(drained.effects).toEqual([{ type: 'schedule-retry', delayMs: 4_321 }]);
  });

  it('does not come back by itself when it is outdated, only when the person asks', () => {
    const { machine, effects } = run([{ type: 'started' }, { type: 'lost', advice: 'never', reason: '' }]);
    expect([machine.state, effects]).toEqual([{ status: 'outdated' }, []]);
    expect(transition(machine, { type: 'network-returned' }, 0, HALF).effects).toEqual([]);
    expect(transition(machine, { type: 'woken' }, 0, HALF).effects).toEqual([{ type: 'open', newToken: false }]);
  });

  it('needs a sign-in when the session is lost, and starts from there', () => {
    const { machine, effects } = run([{ type: 'started' }, opened, { type: 'session-lost' }]);
    expect([machine.state, effects]).toEqual([{ status: 'needs-auth' }, [{ type: 'close' }]]);
    expect(transition(machine, { type: 'retry-due' }, 0, HALF).effects).toEqual([]);
    expect(transition(machine, { type: 'started' }, 0, HALF).machine.state).toEqual({ status: 'connecting', attempt: 1 });
  });

  it('stops from anywhere and then ignores what is still under way', () => {
    const stopped = run([{ type: 'started' }, opened, { type: 'stopped' }]);
    expect(stopped).toEqual({ machine: CLOSED_MACHINE, effects: [{ type: 'close' }] });
    for (const input of [opened, dropped, { type: 'retry-due' }, { type: 'phase-changed', phase: 'live' }] as ConnectionInput[]) {
      expect(transition(CLOSED_MACHINE, input, 0, HALF)).toEqual({ machine: CLOSED_MACHINE, effects: [] });
    }
  });
});
