export interface Problem {
  /** Epoch milliseconds. */
  at: number;
  where: string;
  message: string;
}

/** Says that something went wrong that no caller waits for. Never throws. */
export type Report = (where: string, error: unknown) => void;

/** The last problems, for the diagnostics screen. Bounded: it outlives everything else. */
export class ProblemLog {
  readonly #now: () => number;
  readonly #problems: Problem[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly report: Report = (where, error) => {
    this.#problems.push({ at: this.#now(), where, message: error instanceof Error ? error.message : String(error) });
    if (this.#problems.length > KEPT_PROBLEMS) this.#problems.shift();
  };

  list(): Problem[] {
    return [...this.#problems];
  }
}

/** What fits on a screen and still shows a pattern. */
const KEPT_PROBLEMS = 20;
