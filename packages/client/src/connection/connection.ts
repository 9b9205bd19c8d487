import { CoupletError, type Event } from '@couplet/protocol';
import type { ClockPort, NetworkPort, RandomPort } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import type { AccessTokens } from '../session/api-client.ts';
import type { ConnectionLoss, Signal, Transport, TransportConnection, TransportListener, TransportOpening } from '../transports/transport.ts';
import { CLOSED_MACHINE, type ConnectionEffect, type ConnectionInput, type ConnectionMachine, transition } from './connection-machine.ts';
import type { ConnectionState, SyncPhase } from './connection-state.ts';

export interface ConnectionOptions {
  transport: Transport;
  tokens: AccessTokens;
  clock: ClockPort;
  random: RandomPort;
  network: NetworkPort;
  report: Report;
  /** How far the device is in its log. */
  position(): number;
  stateChanged(state: ConnectionState): void;
  opened(connection: TransportConnection, opening: TransportOpening): void;
  /** After each `opened`, once. */
  ended(): void;
  eventArrived(event: Event): void;
  signalArrived(signal: Signal): void;
  logReaches(position: number): void;
  frameIgnored(reason: string): void;
}

/** Keeps one transport connection alive while it is wanted: the effects around `transition`. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #unsubscribe: () => void;
  #machine: ConnectionMachine = CLOSED_MACHINE;
  /** Counts attempts: what an earlier one still says is not listened to. */
  #generation = 0;
  #transport: TransportConnection | null = null;
  /** The token the server last took from this connection. */
  #token: string | null = null;
  #isOpen = false;
  #isActive = true;
  #cancelRetry: (() => void) | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#unsubscribe = options.network.subscribe((isOnline) => this.#apply({ type: isOnline ? 'network-returned' : 'network-lost' }));
  }

  get state(): ConnectionState {
    return this.#machine.state;
  }

  start(): void {
    this.#apply({ type: 'started' });
  }

  stop(): void {
    this.#apply({ type: 'stopped' });
  }

  /** The session ended; `start` is for the next one. */
  sessionLost(): void {
    this.#apply({ type: 'session-lost' });
  }

  wake(): void {
    this.#apply({ type: 'woken' });
  }

  phaseChanged(phase: SyncPhase): void {
    this.#apply({ type: 'phase-changed', phase });
  }

  setActive(isActive: boolean): void {
    this.#isActive = isActive;
    if (this.#isOpen) this.#transport?.setActive(isActive);
  }

  /** A newer access token of the same session, for the living connection. */
  renew(token: string): void {
    if (!this.#isOpen || token === this.#token) return;
    this.#token = token;
    this.#transport?.renew(token).catch((error: unknown) => this.#options.report('connection', error));
  }

  close(): void {
    this.stop();
    this.#unsubscribe();
  }

  /** The one door for changes. Effects run after the state is set, so that what they cause finds it. */
  #apply(input: ConnectionInput): void {
    const before = this.#machine.state;
    const { machine, effects } = transition(this.#machine, input, this.#options.clock.now(), this.#options.random.fraction());
    this.#machine = machine;
    if (machine.state.status !== 'offline') this.#cancelTimer();
    if (machine.state.status !== 'online') this.#end();
    if (machine.state !== before) this.#options.stateChanged(machine.state);
    // A listener may have caused another transition, whose effects are the valid ones.
    if (this.#machine === machine) for (const effect of effects) this.#run(effect);
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'open':
        this.#generation += 1;
        this.#transport?.close();
        this.#transport = null;
        this.#open(this.#generation, effect.newToken).catch((error: unknown) => this.#options.report('connection', error));
        return;
      case 'close':
        this.#generation += 1;
        this.#transport?.close();
        this.#transport = null;
        return;
      case 'schedule-retry':
        this.#cancelTimer();
        this.#cancelRetry = this.#options.clock.schedule(effect.delayMs, () => {
          this.#cancelRetry = null;
          this.#apply({ type: 'retry-due' });
        });
        return;
      case 'probe':
        this.#transport?.probe();
        return;
    }
  }

  async #open(generation: number, newToken: boolean): Promise<void> {
    const { tokens, transport, position } = this.#options;
    let token: string;
    try {
      token = await tokens.accessToken();
      if (newToken) token = await tokens.replaceToken(token);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof CoupletError && !error.retryable) this.#apply({ type: 'session-lost' });
      else this.#apply({ type: 'lost', advice: 'backoff', reason: 'No token could be fetched.', retryAfterMs: error instanceof CoupletError ? error.retryAfterMs : undefined });
      return;
    }
    if (generation !== this.#generation) return;
    this.#token = token;
    try {
      this.#transport = transport.connect({ token, position: position() }, this.#listenerOf(generation));
    } catch (error) {
      this.#apply({ type: 'lost', advice: 'backoff', reason: `No socket could be opened: ${String(error)}` });
    }
  }

  #listenerOf(generation: number): TransportListener {
    const { eventArrived, signalArrived, logReaches, frameIgnored, opened, tokens, report } = this.#options;
    const isCurrent = () => generation === this.#generation;
    return {
      opened: (opening) => {
        const connection = this.#transport;
        if (!isCurrent() || connection === null) return;
        this.#isOpen = true;
        this.#apply({ type: 'opened', connectionId: opening.connectionId });
        if (!isCurrent()) return;
        connection.setActive(this.#isActive);
        opened(connection, opening);
      },
      closed: ({ advice, reason, retryAfterMs }: ConnectionLoss) => {
        if (!isCurrent()) return;
        this.#generation += 1;
        this.#transport = null;
        report('connection', reason);
        this.#apply({ type: 'lost', advice, reason, retryAfterMs });
      },
      eventArrived: (event) => {
        if (isCurrent()) eventArrived(event);
      },
      signalArrived: (signal) => {
        if (isCurrent()) signalArrived(signal);
      },
      logReaches: (position) => {
        if (isCurrent()) logReaches(position);
      },
      tokenExpiring: () => {
        if (!isCurrent() || this.#token === null) return;
        tokens
          .replaceToken(this.#token)
          .then((token) => this.renew(token))
          .catch((error: unknown) => report('connection', error));
      },
      drainAnnounced: (reconnectInMs) => {
        if (isCurrent()) this.#apply({ type: 'drain-announced', reconnectInMs });
      },
      frameIgnored,
    };
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.ended();
  }

  #cancelTimer(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }
}
