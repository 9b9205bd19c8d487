import type { UserId } from '@couplet/protocol';

/** About 5 MB. Whoever is forgotten costs one more round trip. */
const REMEMBERED_USERS = 20_000;

/** On which nodes users were when they were last looked for. Nothing rests on it: who looks again learns better. */
export class PlaceGuesses {
  readonly #nodes = new Map<UserId, readonly string[]>();
  readonly #remembered: number;

  constructor(remembered = REMEMBERED_USERS) {
    this.#remembered = remembered;
  }

  /** Those about whom something is known. */
  of(userIds: readonly UserId[]): Map<UserId, readonly string[]> {
    const guessed = new Map<UserId, readonly string[]>();
    for (const userId of userIds) {
      const nodes = this.#nodes.get(userId);
      if (nodes) guessed.set(userId, nodes);
    }
    return guessed;
  }

  learn(found: ReadonlyMap<UserId, readonly string[]>): void {
    for (const [userId, nodes] of found) {
      // In the order in which they were last looked for: the first one is forgotten first.
      this.#nodes.delete(userId);
      if (nodes.length > 0) this.#nodes.set(userId, nodes);
    }
    for (const userId of this.#nodes.keys()) {
      if (this.#nodes.size <= this.#remembered) return;
      this.#nodes.delete(userId);
    }
  }
}
