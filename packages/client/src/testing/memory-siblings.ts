import type { SiblingsPort } from '../ports/ports.ts';

/** The tabs of one browser: those that `tab` answered hear each other, and one of them leads. */
export class MemorySiblings {
  readonly #listeners = new Map<object, Set<(note: unknown) => void>>();
  #candidates: (() => void)[] = [];

  tab(): SiblingsPort {
    const self = {};
    const own = new Set<(note: unknown) => void>();
    this.#listeners.set(self, own);
    return {
      tell: (note) => {
        for (const [tab, listeners] of this.#listeners) {
          if (tab !== self) for (const listener of listeners) listener(structuredCloneOf(note));
        }
      },
      subscribe(listener) {
        own.add(listener);
        return () => void own.delete(listener);
      },
      lead: (elected) => {
        const candidate = () => elected();
        this.#candidates.push(candidate);
        if (this.#candidates[0] === candidate) candidate();
        return () => {
          const wasLeading = this.#candidates[0] === candidate;
          this.#candidates = this.#candidates.filter((other) => other !== candidate);
          if (wasLeading) this.#candidates[0]?.();
        };
      },
    };
  }
}

function structuredCloneOf(note: unknown): unknown {
  return JSON.parse(JSON.stringify(note));
}
