import { CoupletError, type DownFrame, type DownFrameOf, type DownFrameType } from '@couplet/protocol';
import type { ClockPort } from '../ports/ports.ts';

/** Down frames that answer a request. */
export type AnswerType = { [Type in DownFrameType]: DownFrameOf<Type> extends { replyTo: string } ? Type : never }[DownFrameType];

interface Waiting {
  expects: AnswerType;
  settle(frame: DownFrame): void;
  reject(error: CoupletError): void;
  cancelTimer: () => void;
}

/** The requests of one connection: each ends in exactly one of answer, error or timeout. */
export class PendingRequests {
  readonly #clock: ClockPort;
  readonly #waiting = new Map<string, Waiting>();
  #nextId = 1;

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** A frame id, unique on this connection. */
  nextId(): string {
    const id = String(this.#nextId);
    this.#nextId += 1;
    return id;
  }

  add<Answer extends AnswerType>(id: string, expects: Answer, timeoutMs: number): Promise<DownFrameOf<Answer>['data']> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.schedule(timeoutMs, () =>
        this.reject(id, new CoupletError('unavailable', `No answer within ${timeoutMs / 1_000} s.`)),
      );
      // `answer` compared the frame's type with `expects` before it settles.
      const settle = (frame: DownFrame) => (resolve as (data: unknown) => void)(frame.data);
      this.#waiting.set(id, { expects, settle, reject, cancelTimer });
    });
  }

  /** Whether somebody was waiting for this answer. */
  answer(replyTo: string, frame: DownFrame): boolean {
    const waiting = this.#take(replyTo);
    if (waiting === null) return false;
    if (frame.type === 'error') waiting.reject(errorOf(frame));
    else if (frame.type === waiting.expects) waiting.settle(frame);
    else waiting.reject(new CoupletError('internal', `Expected ${waiting.expects}, the server answered ${frame.type}.`));
    return true;
  }

  reject(id: string, error: CoupletError): boolean {
    const waiting = this.#take(id);
    waiting?.reject(error);
    return waiting !== null;
  }

  rejectAll(error: CoupletError): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, error);
  }

  #take(id: string): Waiting | null {
    const waiting = this.#waiting.get(id) ?? null;
    this.#waiting.delete(id);
    waiting?.cancelTimer();
    return waiting;
  }
}

function errorOf({ data }: DownFrameOf<'error'>): CoupletError {
  return new CoupletError(data.code, data.message, data.retryAfterMs === undefined ? {} : { retryAfterMs: data.retryAfterMs });
}
