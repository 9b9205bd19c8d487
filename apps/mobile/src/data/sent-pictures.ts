interface HeldPicture {
  url: string;
  release: () => void;
}

/** Of messages that do not wait any more, or left the screen: two albums. */
const MOST_LEFT = 20;

/**
 * Pictures as this device sends them. What was sent is shown by them until the
 * server's own are here: nobody sees their picture go and come again.
 */
export class SentPictures {
  readonly #held = new Map<string, HeldPicture>();
  /** Nobody needs them for what waits; the one that left last is the last. */
  readonly #left = new Set<string>();

  /** @param index among the files of its message */
  urlOf(clientMsgId: string, index: number): string | null {
    return this.#held.get(keyOf(clientMsgId, index))?.url ?? null;
  }

  /** As long as it waits on screen, and a while longer. Answers the function that says that it does not. */
  hold(clientMsgId: string, index: number, picture: HeldPicture): () => void {
    const key = keyOf(clientMsgId, index);
    this.#drop(key);
    this.#held.set(key, picture);
    return () => {
      if (this.#held.get(key) !== picture) return;
      this.#left.add(key);
      const [oldest] = this.#left;
      if (this.#left.size > MOST_LEFT && oldest !== undefined) this.#drop(oldest);
    };
  }

  /** None of them is held any more. */
  clear(): void {
    for (const key of [...this.#held.keys()]) this.#drop(key);
  }

  #drop(key: string): void {
    this.#held.get(key)?.release();
    this.#held.delete(key);
    this.#left.delete(key);
  }
}

function keyOf(clientMsgId: string, index: number): string {
  return `${clientMsgId}:${index}`;
}

export const sentPictures = new SentPictures();
