import type { ClockPort } from '../ports/ports.ts';
import { settle } from './settle.ts';

interface Timer {
  dueAt: number;
  order: number;
  task: () => void;
}

/** Time that stands still until the test moves it. */
export class ManualClock implements ClockPort {
  readonly #timers = new Set<Timer>();
  #now: number;
  #order = 0;

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const timer: Timer = { dueAt: this.#now + delayMs, order: this.#order, task };
    this.#order += 1;
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets this much time pass: due timers run in their order, and what each causes settles before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.dueAt);
      next.task();
      await settle();
    }
    this.#now = end;
  }
}
