import type { MessageId } from '@couplet/protocol';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What is told of where time goes. Every method is free when nobody listens. */
export interface Traces {
  readonly isOn: boolean;
  /**
   * Runs what a client asked for. What it does meanwhile, and the message that
   * it stores, become parts of its trace.
   *
   * @param caller the `traceparent` that came with it
   */
  request<T>(name: string, attributes: SpanAttributes, caller: string | undefined, work: () => Promise<T>): Promise<T>;
  /** Runs a part of the request that is under way, if there is one. */
  step<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** The request that is under way has stored this message: from now on its trace is the message's. */
  stored(messageId: MessageId): void;
  /** Something that happened to a message, wherever: it needs no request and no context but the message's id. */
  ofMessage(messageId: MessageId, name: string, startedAt: number, attributes: SpanAttributes): void;
  /** For every line of the log that a request writes. */
  logFields(): { traceId?: string };
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}

/** Nobody listens. */
export const NO_TRACES: Traces = {
  isOn: false,
  request: (_name, _attributes, _caller, work) => work(),
  step: (_name, _attributes, work) => work(),
  stored: () => undefined,
  ofMessage: () => undefined,
  logFields: () => ({}),
  close: () => Promise.resolve(),
};

/** Epoch milliseconds with fractions, which never go back. */
export function traceTime(): number {
  return performance.timeOrigin + performance.now();
}
