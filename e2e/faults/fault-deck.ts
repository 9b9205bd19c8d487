import type { RandomPort } from '@couplet/client';

/**
 * Kinds of faults in an order of chance, each once before any comes again: a run
 * of minutes has few faults of servers, and is to have seen all kinds of them.
 */
export class FaultDeck<Kind extends string> {
  readonly #kinds: readonly Kind[];
  readonly #random: RandomPort;
  #left: Kind[];

  /** @param early those of the kinds that come within as many draws as they are and two more */
  constructor(kinds: readonly Kind[], early: readonly Kind[], random: RandomPort) {
    this.#kinds = kinds;
    this.#random = random;
    const [soon, later] = [kinds.filter((kind) => early.includes(kind)), this.#shuffled(kinds.filter((kind) => !early.includes(kind)))];
    this.#left = [...this.#shuffled([...soon, ...later.slice(0, 2)]), ...later.slice(2)];
  }

  draw(): Kind {
    if (this.#left.length === 0) this.#left = this.#shuffled(this.#kinds);
    const drawn = this.#left.shift();
    if (drawn === undefined) throw new Error('There is no kind of fault to draw');
    return drawn;
  }

  #shuffled(kinds: readonly Kind[]): Kind[] {
    const shuffled: Kind[] = [];
    for (const kind of kinds) shuffled.splice(Math.floor(this.#random.fraction() * (shuffled.length + 1)), 0, kind);
    return shuffled;
  }
}
