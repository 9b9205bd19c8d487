/** What a stand-in does with one call instead of taking it. */
export type Fault = { status: number; headers?: Record<string, string>; body?: object } | 'hang' | 'drop';

/** What a stand-in of a push service took, in order, and what it is to do wrong next. */
export class Received<Push> {
  readonly pushes: Push[] = [];
  /** Used up from the front, one a call. */
  readonly faults: Fault[] = [];
  /** Calls it got, the faulty ones too. */
  calls = 0;
  readonly #waiters = new Set<() => void>();

  take(push: Push): void {
    this.pushes.push(push);
    this.wake();
  }

  nextFault(): Fault | undefined {
    this.calls += 1;
    const fault = this.faults.shift();
    this.wake();
    return fault;
  }

  wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        const waiter = () => {
          this.#waiters.delete(waiter);
          resolve();
        };
        this.#waiters.add(waiter);
      });
    }
  }

  async untilPushed(count: number): Promise<Push[]> {
    await this.until(() => this.pushes.length >= count);
    return this.pushes;
  }
}
